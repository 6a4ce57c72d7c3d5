/// Where one of the two ends of the master's event bus is.
enum BusSocket: Hashable, Sendable {
    case unix(path: String)

    /// A port of 127.0.0.1, as masters with `ipc_mode: tcp` have it.
    case tcp(port: Int)

    /// What `sun_path` holds beside the zero at its end.
    private static let pathLimit = 107

    /// Reads an absolute path or `tcp://127.0.0.1:port`; another address is refused, since the bus has no protection.
    init(text: String) throws(MalformedValue) {
        let hint = "write an absolute path or tcp://127.0.0.1:port"
        guard text.hasPrefix("tcp://") else {
            guard text.hasPrefix("/"), text.utf8.count <= Self.pathLimit else {
                throw MalformedValue(
                    message: text.hasPrefix("/")
                        ? "the path has more than \(Self.pathLimit) bytes" : "\(text.quoted) is no socket",
                    hint: hint
                )
            }
            self = .unix(path: text)
            return
        }
        let parts = text.dropFirst("tcp://".count).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = Int(parts[1]), (1...65535).contains(port) else {
            throw MalformedValue(message: "\(text.quoted) has no port", hint: hint)
        }
        guard parts[0] == "127.0.0.1" || parts[0] == "localhost" else {
            throw MalformedValue(
                message: "\(text.quoted) is not on this machine",
                hint: "run beside the master, and \(hint)"
            )
        }
        self = .tcp(port: port)
    }
}

extension ValueParser where Value == BusSocket {
    static let busSocket = ValueParser(kind: "a socket", hint: "write an absolute path or tcp://127.0.0.1:port") {
        text throws(MalformedValue) in try BusSocket(text: text)
    }
}
