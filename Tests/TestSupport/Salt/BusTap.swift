import Foundation

/// A socket in front of a master's pub socket that writes down what passes, before it passes it on.
///
/// A subscriber of its own could not judge a service while the publisher dies: each of the two may get an event that the
/// other does not. Whatever a service whose `bus.pub` is this socket has seen is in ``events``, and so is everything it
/// may have taken for an echo.
package final class BusTap: Sendable {
    /// For the service to connect to.
    package let socket: String

    private let process: RunningProcess
    private let lines: Locked<EventLines>
    private let folder: TemporaryFolder

    package init(_ master: SaltMaster) async throws {
        folder = try TemporaryFolder()
        socket = folder.file("pub.ipc")
        let process = try RunningProcess(
            ["\(master.salt.folder)/bin/python", Scripts.path("tap.py"), master.pubSocket, socket],
            name: "tap",
            in: folder,
            environment: master.environment
        )
        self.process = process
        lines = Locked(EventLines(process.output))
        try await eventually("the tap listens", detail: { process.log }) {
            if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            return lines.withLock { lines in
                lines.read()
                return lines.isReady
            }
        }
    }

    /// All that has passed, in order, of all connections so far.
    package var events: [BusEvent] {
        lines.withLock { lines in
            lines.read()
            return lines.events
        }
    }
}
