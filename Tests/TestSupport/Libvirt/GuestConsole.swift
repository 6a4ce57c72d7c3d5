/// The shell of the small Linux guest, on its first serial port.
///
/// Call from one task at a time.
package final class GuestConsole: Sendable {
    private let stream: LocalStream

    /// Waits until the guest has started; `path` is the socket that its first serial port is bound to.
    package init(_ path: String) async throws {
        stream = try LocalStream(path: path)
        _ = try await stream.take(through: "GUEST-READY", within: .seconds(90))
    }

    /// Runs a command to its end, and gives what it wrote.
    @discardableResult
    package func run(
        _ command: String,
        within limit: Duration = .seconds(30),
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> String {
        // The shell does not echo; even if it did, the mark would not stand in the command.
        try start("\(command); echo @@'END'")
        return String(try await stream.take(through: "@@END", within: limit, isolation: isolation).dropLast(5))
    }

    /// Waits for what a started command writes.
    package func wait(for text: String, isolation: isolated (any Actor)? = #isolation) async throws {
        _ = try await stream.take(through: text, within: .seconds(60), isolation: isolation)
    }

    /// Starts a command and leaves it to run, if only because the guest does not live to end it.
    package func start(_ command: String) throws {
        try stream.send(Array("\(command)\n".utf8))
    }
}
