package import Foundation

/// A client of a server on loopback or on the file system, which never blocks: what has come is looked for.
package final class LocalStream: Sendable {
    private let socket: Int32
    private let rest = Locked<[UInt8]>([])

    package init(port: UInt16) throws {
        var address = Loopback.address(port)
        socket = try Self.connected(AF_INET, &address)
    }

    package init(path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw SystemError(path, ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        socket = try Self.connected(AF_UNIX, &address)
    }

    deinit {
        close(socket)
    }

    /// The process that called `listen` on the other side of a unix socket; nil where the kernel does not say.
    package var peer: pid_t? {
        // `struct ucred`, which Swift does not see: pid, user, group.
        var credentials: [pid_t] = [0, 0, 0]
        var length = socklen_t(MemoryLayout<pid_t>.stride * credentials.count)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0, credentials[0] > 0 else {
            return nil
        }
        return credentials[0]
    }

    package func send(_ bytes: [UInt8]) throws {
        guard Foundation.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw SystemError("send")
        }
    }

    /// Waits for as many bytes, and takes them.
    package func take(_ count: Int, isolation: isolated (any Actor)? = #isolation) async throws -> [UInt8] {
        try await eventually("\(count) bytes come", within: .seconds(60)) {
            try receive { bytes in
                guard bytes.count >= count else { return nil }
                defer { bytes.removeFirst(count) }
                return Array(bytes.prefix(count))
            }
        }
    }

    /// Waits for a text, and takes all up to its end.
    package func take(
        through text: String,
        within limit: Duration,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> String {
        let wanted = Array(text.utf8)
        let soFar = { String(decoding: self.rest.withLock { $0.suffix(2000) }, as: UTF8.self) }
        return try await eventually("“\(text)” comes", within: limit, isolation: isolation, detail: soFar) {
            try receive { bytes in
                guard let range = bytes.firstRange(of: wanted) else { return nil }
                defer { bytes.removeFirst(range.upperBound) }
                return String(decoding: bytes[..<range.upperBound], as: UTF8.self)
            }
        }
    }

    private func receive<Found>(_ look: (inout [UInt8]) -> Found?) throws -> Found? {
        try rest.withLock { rest in
            var room = [UInt8](repeating: 0, count: 4096)
            let count = recv(socket, &room, room.count, Int32(MSG_DONTWAIT))
            if count > 0 { rest += room.prefix(count) }
            if let found = look(&rest) { return found }
            if count == 0 { throw SystemError("recv", ECONNRESET) }
            return nil
        }
    }

    private static func connected<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
        let socket = Foundation.socket(family, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        if result == 0 { return socket }
        let error = SystemError("connect")
        close(socket)
        throw error
    }
}
