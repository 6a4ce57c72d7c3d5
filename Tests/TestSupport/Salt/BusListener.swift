import Foundation

/// An event on a master's bus.
package struct BusEvent: Sendable, Hashable, CustomStringConvertible {
    package let tag: String
    package let data: JSONValue

    package init(tag: String, data: JSONValue) {
        self.tag = tag
        self.data = data
    }

    package var description: String { "\(tag) \(data)" }
}

/// Salt's own subscriber on a master's bus: the judge of what really arrived there.
package final class BusListener: Sendable {
    private let process: RunningProcess
    private let heard: Locked<EventLines>
    private let folder: TemporaryFolder

    /// Starts it and returns when it hears: from there on no event is missed.
    package init(_ master: SaltMaster) async throws {
        folder = try TemporaryFolder()
        let process = try RunningProcess(
            ["\(master.salt.folder)/bin/python", Scripts.path("listen.py"), master.configFile, master.sockDir],
            name: "listener",
            in: folder,
            environment: master.environment
        )
        self.process = process
        heard = Locked(EventLines(process.output))
        try await eventually(
            "the listener hears its own event",
            within: .seconds(120),
            detail: { process.log + master.log }
        ) {
            if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            return read { $0.isReady }
        }
    }

    /// All events so far, oldest first.
    package var events: [BusEvent] { read { $0.events } }

    /// Waits until the events so far satisfy the predicate, and gives them.
    @discardableResult
    package func wait(
        for fact: String = "events on the bus",
        within limit: Duration = .seconds(60),
        isolation: isolated (any Actor)? = #isolation,
        until predicate: ([BusEvent]) throws -> Bool
    ) async throws -> [BusEvent] {
        try await eventually(fact, within: limit, isolation: isolation, detail: { description }) {
            let events = events
            if try predicate(events) { return events }
            if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            return nil
        }
    }

    package func stop() async {
        await process.terminate()
    }

    /// What came, for the message of a failure.
    private var description: String {
        let events = events
        let lines = events.suffix(50).map { "  \($0)\n" }.joined()
        return
            "\(events.count) events came\(events.count > 50 ? ", the last 50 being" : ""):\n\(lines)\(process.log.suffix(500))"
    }

    private func read<Result>(_ body: (EventLines) -> Result) -> Result {
        heard.withLock { heard in
            heard.read()
            return body(heard)
        }
    }
}
