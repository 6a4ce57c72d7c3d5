/// The shortest client of a domain's screen.
package enum VNCClient {
    /// Comes, looks once and goes.
    package static func visit(port: UInt16) async throws {
        let stream = try LocalStream(port: port)
        _ = try await stream.take("RFB 003.008\n".utf8.count)
        try stream.send(Array("RFB 003.008\n".utf8))
        let count = try await stream.take(1)[0]
        let kinds = try await stream.take(Int(count))
        guard kinds.contains(Self.noAuthentication) else { throw SystemError("VNC security \(kinds)", 0) }
        try stream.send([Self.noAuthentication])
        _ = try await stream.take(4)
        // Others may stay.
        try stream.send([1])
        // The size, the pixels' format, and how long the name is.
        _ = try await stream.take(24)
    }

    private static let noAuthentication: UInt8 = 1
}
