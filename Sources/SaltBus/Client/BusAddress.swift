internal import Glibc

/// Where a master listens on this machine.
package enum BusAddress: Hashable, Sendable, CustomStringConvertible {
    case unix(String)

    /// A loopback address in digits, IPv4 or IPv6: there is no name to look up and nothing that leaves the machine.
    case tcp(host: String, port: UInt16)

    /// Why a text is no address.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let message: String
        package let hint: String
        package var description: String { "\(message); \(hint)" }
    }

    /// What a socket's address holds beside the zero at its end.
    private static let pathLimit = 107

    /// Takes an absolute path, or `tcp://127.0.0.1:4512`, or `tcp://[::1]:4512`.
    package init(_ text: String) throws(Malformed) {
        let scheme = "tcp://"
        guard text.hasPrefix(scheme) else {
            guard text.hasPrefix("/") else {
                throw Malformed(
                    message: "'\(text)' is no address of a bus",
                    hint: "write the socket's absolute path or tcp://127.0.0.1:port"
                )
            }
            guard text.utf8.count <= Self.pathLimit else {
                throw Malformed(message: "the path has more than \(Self.pathLimit) bytes", hint: "use a shorter one")
            }
            self = .unix(text)
            return
        }
        let rest = text.dropFirst(scheme.count)
        guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]), port > 0
        else { throw Malformed(message: "'\(text)' has no port", hint: "write tcp://127.0.0.1:port") }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self = .tcp(host: String(host), port: port)
        guard isLoopback else {
            throw Malformed(
                message: "'\(host)' is no loopback address in digits",
                hint: "write tcp://127.0.0.1:port or tcp://[::1]:port"
            )
        }
    }

    package var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let host, let port): host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
        }
    }

    private var isLoopback: Bool {
        guard case .tcp(let host, _) = self else { return false }
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return withUnsafeBytes(of: six) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }

    /// Calls `body` with the address as the system wants it; nil if it cannot be one.
    func withSocketAddress<Result>(
        _ body: (_ family: Int32, UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result? {
        switch self {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
                guard path.utf8.count < room.count else { return false }
                room.copyBytes(from: path.utf8)
                return true
            }
            return fits ? Self.erased(address) { body(AF_UNIX, $0, $1) } : nil
        case .tcp(let host, let port):
            guard isLoopback else { return nil }
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            if inet_pton(AF_INET, host, &four.sin_addr) == 1 { return Self.erased(four) { body(AF_INET, $0, $1) } }
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &six.sin6_addr)
            return Self.erased(six) { body(AF_INET6, $0, $1) }
        }
    }

    private static func erased<Address, Result>(
        _ address: Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
