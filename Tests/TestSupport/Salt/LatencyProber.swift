import Foundation

/// Measures how long a change on a daemon takes to be an event of each of its hosts on the bus.
///
/// The hosts of the first daemon are to be called `0-something`, those of the next `1-something`, and so on.
package final class LatencyProber: Sendable {
    /// How long it took.
    package struct Times: Sendable, CustomStringConvertible {
        package let samples: Int
        package let median, slowest, most: Duration

        package var description: String { "p50 \(median), p99 \(slowest), most \(most) of \(samples)" }
    }

    package struct Round: Sendable {
        package let name: String
        /// Events that did not come within the limit.
        package let missing: Int
        package let times: Times
        /// Those of all rounds of this name so far.
        package let all: Times
    }

    private struct Heard {
        var tail: LineTail
        var isReady = false
        var rounds: [Round] = []
        var notes: [BusEvent] = []
    }

    private let process: RunningProcess
    private let heard: Locked<Heard>
    private let folder: TemporaryFolder

    /// Starts it when every host is up; returns when it has heard from all of them, which are so many.
    ///
    /// What has not come within the limit is missing.
    package init(
        _ master: SaltMaster,
        prefix: String,
        hosts: Int,
        daemons: [PrivateLibvirtd],
        limit: Duration
    ) async throws {
        folder = try TemporaryFolder()
        let environment = Virsh.environment(in: folder).merging([
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": Repository.path("Tests/Benchmarks"),
        ]) { $1 }
        process = try RunningProcess(
            [
                "\(master.salt.folder)/bin/python", Scripts.path("latency.py"), master.pubSocket, prefix, "\(hosts)",
                "\(limit / .seconds(1))",
            ]
                + daemons.map { $0.uri(.unix) },
            name: "latency",
            in: folder,
            environment: environment,
            input: .pipe
        )
        heard = Locked(Heard(tail: LineTail(process.output)))
        try await eventually("the hosts are known", within: .seconds(120), detail: { process.log }) {
            try read().isReady
        }
    }

    /// Begins a round.
    package func begin(_ name: String, for duration: Duration) {
        process.send("\(name) \(duration / .seconds(1))\n")
    }

    /// Waits for the end of as many rounds, and gives the last one.
    package func end(_ count: Int, isolation: isolated (any Actor)? = #isolation) async throws -> Round {
        try await eventually("round \(count) ends", within: .seconds(400), detail: { process.log }) {
            let rounds = try read().rounds
            return rounds.count >= count ? rounds[count - 1] : nil
        }
    }

    /// Gaps of hosts, and what the service says that it gave up, as far as they came in rounds.
    package func notes() throws -> [BusEvent] { try read().notes }

    private func read() throws -> Heard {
        if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
        return heard.withLock { heard in
            for line in heard.tail.next() {
                guard let value = try? JSONValue(parsing: line) else { continue }
                if value["ready"] == true { heard.isReady = true }
                if let round = Round(value) { heard.rounds.append(round) }
                if let tag = value["tag"]?.string, let data = value["data"] {
                    heard.notes.append(BusEvent(tag: tag, data: data))
                }
            }
            return heard
        }
    }
}

extension LatencyProber.Round {
    fileprivate init?(_ line: JSONValue) {
        guard let name = line["name"]?.string, let missing = line["missing"]?.integer,
            let times = line["round"].flatMap(LatencyProber.Times.init),
            let all = line["all"].flatMap(LatencyProber.Times.init)
        else { return nil }
        self.init(name: name, missing: Int(missing), times: times, all: all)
    }
}

extension LatencyProber.Times {
    fileprivate init?(_ value: JSONValue) {
        let values = ["samples", "p50", "p99", "max"].compactMap { value[$0]?.integer }
        guard values.count == 4 else { return nil }
        self.init(
            samples: Int(values[0]),
            median: .microseconds(values[1]),
            slowest: .microseconds(values[2]),
            most: .microseconds(values[3])
        )
    }
}
