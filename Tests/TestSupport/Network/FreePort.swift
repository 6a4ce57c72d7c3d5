import Foundation

/// Ports on 127.0.0.1 that nothing uses, each given out once.
package enum FreePort {
    /// A port that the kernel lets us bind now.
    ///
    /// Below the range from which the kernel serves clients: a port within it may be taken by a passing connection while
    /// its daemon is down, and a client that keeps trying such a port may even connect to itself.
    package static func next() throws -> UInt16 {
        let text = try String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let first = text.split(whereSeparator: \.isWhitespace).first.flatMap { UInt16($0) } ?? 32768
        let range = min(first, 32768) / 2..<first
        for _ in 0..<1000 {
            let port = UInt16.random(in: range)
            guard given.withLock({ $0.insert(port).inserted }), let socket = Loopback.bound(to: port) else { continue }
            close(socket)
            return port
        }
        throw SystemError("no free port in \(range)", EADDRINUSE)
    }

    private static let given = Locked(Set<UInt16>())
}
