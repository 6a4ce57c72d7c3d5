import Foundation

/// Somebody else on a master's bus: fires events of its own, measures how long they take, and counts ours.
package final class BusProber: Sendable {
    /// What a phase was like.
    package struct Phase: Sendable, Hashable {
        /// Half of its own events, and all but one in a hundred, were back within this of their time; what was out when the
        /// phase ended counts with its age.
        package let median, slowest: Duration

        /// Its own events that were fired, that came back, maybe from the phase before, and that were out at the end.
        package let fired, back, out: Int

        /// Events of ours that were new, that had been there, and that came after a later one of their host.
        package let ours, repeats, disordered: Int

        /// From the first of ours to the last.
        package let time: Duration
    }

    private struct Heard {
        var tail: LineTail
        var isReady = false
        var seen = 0
        var back = 0
        var phases: [Phase] = []
    }

    private let process: RunningProcess
    private let heard: Locked<Heard>
    private let folder: TemporaryFolder

    /// Starts it and returns when its first event is back.
    ///
    /// Its master must want a length before each frame, as the newest releases of every series do. `prefix` is that of the
    /// tags to count.
    package init(_ master: SaltMaster, prefix: String) async throws {
        folder = try TemporaryFolder()
        let process = try RunningProcess(
            [
                "\(master.salt.folder)/bin/python", Scripts.path("prober.py"), master.pullSocket, master.pubSocket,
                prefix,
            ],
            name: "prober",
            in: folder,
            environment: master.environment,
            input: .pipe
        )
        self.process = process
        heard = Locked(Heard(tail: LineTail(process.output)))
        try await wait(for: "the prober's own event") { $0.isReady }
    }

    /// How many of our events there were so far.
    package var seen: Int { (try? read { $0.seen }) ?? 0 }

    /// Ends the phase and begins another one.
    package func endPhase(isolation: isolated (any Actor)? = #isolation) async throws -> Phase {
        let count = try read { $0.phases.count }
        process.send("next\n")
        return try await wait(for: "the prober sums up") { $0.phases.count > count ? $0.phases.last : nil }
    }

    /// Waits until so many of its own events have come back in this phase, in hundreds.
    package func wait(back count: Int, isolation: isolated (any Actor)? = #isolation) async throws {
        try await wait(for: "\(count) events of the prober's own") { $0.back >= count }
    }

    /// Waits until there have been so many of our events.
    package func wait(
        seen count: Int,
        within limit: Duration,
        isolation: isolated (any Actor)? = #isolation
    ) async throws {
        try await eventually(
            "\(count) events on the bus",
            within: limit,
            detail: { "\(seen) came\n\(process.log.suffix(500))" }
        ) {
            try read { $0.seen } >= count
        }
    }

    private func wait(
        for fact: String,
        isolation: isolated (any Actor)? = #isolation,
        until predicate: (Heard) -> Bool
    ) async throws {
        try await wait(for: fact) { predicate($0) ? true : nil }
    }

    @discardableResult
    private func wait<Found>(
        for fact: String,
        isolation: isolated (any Actor)? = #isolation,
        look: (Heard) -> Found?
    ) async throws -> Found {
        try await eventually(fact, within: .seconds(120), detail: { process.log }, look: { try read(look) })
    }

    private func read<Result>(_ body: (Heard) -> Result) throws -> Result {
        if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
        return heard.withLock { heard in
            for line in heard.tail.next() {
                guard let value = try? JSONValue(parsing: line) else { continue }
                if let seen = value["seen"]?.integer {
                    heard.seen = Int(seen)
                } else if let back = value["back"]?.integer {
                    heard.back = Int(back)
                } else if value["ready"] == true {
                    heard.isReady = true
                } else if let phase = Phase(value) {
                    heard.phases.append(phase)
                    heard.back = 0
                }
            }
            return body(heard)
        }
    }
}

extension BusProber.Phase {
    fileprivate init?(_ line: JSONValue) {
        let names = ["p50", "p99", "fired", "returned", "out", "ours", "repeats", "disordered", "time"]
        let values = names.compactMap { line[$0]?.integer }
        guard values.count == names.count else { return nil }
        self.init(
            median: .microseconds(values[0]),
            slowest: .microseconds(values[1]),
            fired: Int(values[2]),
            back: Int(values[3]),
            out: Int(values[4]),
            ours: Int(values[5]),
            repeats: Int(values[6]),
            disordered: Int(values[7]),
            time: .microseconds(values[8])
        )
    }
}
