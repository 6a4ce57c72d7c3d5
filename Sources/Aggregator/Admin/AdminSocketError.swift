/// Why there can be no admin socket, in words for the operator.
struct AdminSocketError: Error, Equatable, CustomStringConvertible, Sendable {
    enum Code: Sendable {
        /// Another service listens there.
        case taken

        /// The place cannot be used.
        case unusable
    }

    let code: Code
    let message: String
    let hint: String

    var description: String { "\(message); \(hint)" }

    static func taken(_ path: String) -> AdminSocketError {
        AdminSocketError(
            code: .taken,
            message: "another service listens on \(path)",
            hint: "stop it, or give this one an admin.socket of its own, or off"
        )
    }

    static func unusable(_ message: String) -> AdminSocketError {
        AdminSocketError(
            code: .unusable,
            message: message,
            hint:
                "give the folder to the user the service runs as, or set admin.socket or run_dir, or admin.socket to off"
        )
    }
}
