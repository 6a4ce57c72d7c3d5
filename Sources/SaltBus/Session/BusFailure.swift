/// Why the bus cannot be used: what happened and what to do about it.
///
/// Equal failures are the same trouble, so nothing in one counts or tells the time.
package struct BusFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The closed list of causes; raw values are labels of metrics.
    package enum Code: String, CaseIterable, Sendable {
        /// The address cannot be used at all.
        case address

        /// The socket exists and nobody listens.
        case refused

        /// There is no such socket.
        case missing

        /// This user may not use the socket.
        case permission

        /// Connecting or writing made no progress within its deadline.
        case timeout

        /// The master ended the connection.
        case closed

        /// What came from pub is no event stream.
        case protocolError = "protocol"

        /// Written without error and not seen on pub in time.
        case echoSilent = "echo_silent"

        /// More was given to a session than it may hold.
        case overrun

        /// An error of the system that has no name here.
        case system
    }

    package let code: Code

    /// One clause, without a full stop.
    package let message: String

    /// The remedy, in the imperative; empty where there is none.
    package let hint: String

    package init(_ code: Code, message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// One sentence.
    package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }
}
