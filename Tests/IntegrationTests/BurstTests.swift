import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// What a master and everybody else on its bus notice of a journal full of events.
    ///
    /// The events are real ones that were heard while there was no bus; `make test-burst` has 100,000 of them, the
    /// release build and the machine for itself, and there alone the times count.
    @Suite("bursts", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(15)))
    struct Bursts {
        private static let given = ProcessInfo.processInfo.environment["VIRT_AGGREGATOR_BURST"].flatMap { Int($0) }
        private static let size = given ?? 12_000

        /// Whether nothing else runs.
        private static let isAlone = given != nil

        private static let hosts = 4

        @Test(
            "a burst is accounted for to the last one, and others' events take at most four times what they take at rest",
            arguments: SaltInstallation.newest
        )
        func burst(salt: SaltInstallation) async throws {
            let spool = try TemporaryFolder()
            let waiting = try await fill(spool)
            #expect(waiting >= Self.size)

            let master = try await SaltMaster.started(salt)
            let prober = try await BusProber(master, prefix: Bench.prefix)
            _ = try await prober.endPhase()
            try await prober.wait(back: 600)
            let idle = try await prober.endPhase()

            let service = try ServiceProcess(
                hosts: [("node", "test:///default")],
                sockDir: master.sockDir,
                spool: spool.path,
                arguments: Self.isAlone ? ["--bus-echo-deadline", "5s"] : []
            )
            try await prober.wait(seen: 1, within: .seconds(60))
            let before = try await prober.endPhase()
            // Of this life there are aggregator/started and host/up beside them.
            try await prober.wait(seen: waiting + 2, within: .seconds(600))
            let burst = try await prober.endPhase()
            let ledger = try await service.status()["ledger"] ?? .null
            let pacing = try await service.status()["bus"]?["pacing"]
            // A machine that is busy may have seen all of a small burst before it sees to it that the first is there.
            let ours = before.ours + burst.ours
            let work = Self.processorTime(of: service.pid) / Double(max(1, ours))
            let rate = burst.time > .zero ? Double(burst.ours) / (burst.time / .seconds(1)) : 0
            #expect(rate > 0 || !Self.isAlone)
            #expect(try await service.stop() == .exited(0))

            print(
                """
                burst on \(salt): \(burst.ours) events, \(Int(rate))/s; \
                others' events p50 \(burst.median), p99 \(burst.slowest) (idle \(idle.median), \(idle.slowest)), \
                \(burst.fired) fired, \(burst.back) back, \(burst.out) out; the service took \(work) of a core for each; \(pacing ?? .null)
                """
            )
            #expect(ours == waiting + 2)
            // Beside other tests a master may be silent for so long that it is taken for lost; what was out comes again then.
            let losses = service.logLines.count { $0["message"] == "Bus lost" }
            #expect(losses == 0 || !Self.isAlone)
            for phase in [before, burst] {
                #expect(phase.disordered == 0)
                #expect(phase.repeats == 0 || losses > 0)
            }
            #expect(ledger.isBalancedLedger, "\(ledger)")
            #expect(ledger["received"] == ledger["relayed"], "\(ledger)")
            #expect(before.back + burst.back >= 50)
            #expect(burst.fired + before.out == burst.back + burst.out)
            // Of one in 5 ms. Beside other tests what is fired after a standstill, all at once, is back some time later.
            #expect(burst.out <= 50 || !Self.isAlone, "\(burst)")
            var last = burst
            try await eventually("others' events are back", every: .milliseconds(200), detail: { "\(last)" }) {
                if last.out <= 400 { return true }
                last = try await prober.endPhase()
                return Bool?.none
            }
            // Beside other tests it is these that others' events wait for.
            if Self.isAlone {
                #expect(burst.slowest <= max(idle.slowest * 4, .milliseconds(250)), "idle: \(idle.slowest)")
            }
        }

        /// What a process has used of the processors so far.
        private static func processorTime(of pid: pid_t) -> Duration {
            let line = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            // After the name, which may hold anything: the state is the third field, user and system time are the 14th
            // and the 15th, in ticks.
            let fields = line.drop { $0 != ")" }.split(separator: " ").dropFirst()
            let ticks = fields.dropFirst(11).prefix(2).compactMap { Int($0) }.reduce(0, +)
            return .seconds(Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
        }

        /// Hears a burst while there is no bus, and leaves it in a spool.
        ///
        /// - Returns: How many events wait there.
        private func fill(_ spool: TemporaryFolder) async throws -> Int {
            let nothing = try TemporaryFolder()
            var daemons: [PrivateLibvirtd] = []
            for _ in 0..<Self.hosts { daemons.append(try await .started()) }
            let service = try ServiceProcess(
                hosts: daemons.enumerated().map { ("burst\($0)", $1.uri(.unix)) },
                sockDir: nothing.path,
                spool: spool.path
            )
            for host in 0..<Self.hosts {
                try await service.waitForLog("all are up") {
                    $0["message"] == "Host up" && $0["host"] == .string("burst\(host)")
                }
            }
            let pairs = Self.size / Self.hosts / 2
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for daemon in daemons {
                    tasks.addTask {
                        for done in stride(from: 0, to: pairs, by: 2_500) {
                            let count = min(2_500, pairs - done)
                            let commands = (0..<count).flatMap { _ in ["suspend test", "resume test"] }
                            try await Virsh.script(commands, on: daemon)
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            let caused = 2 * pairs * Self.hosts
            // What a disk that stalled meanwhile left no room for is none of the burst.
            let missed = try await eventually("all are heard", detail: { service.log }) {
                let ledger = try await service.status()["ledger"]
                let isOver = (ledger?["callbacks"]?.integer ?? 0) >= caused && ledger?["under_way"] == 0
                return isOver ? ledger?["dropped"]?["in_flight"]?.integer : nil
            }
            #expect(missed <= caused / 10)
            #expect(try await service.stop() == .exited(0))
            let line = try #require(service.logLines.last { $0["message"] == "Stopped" })
            return Int(line["waiting"]?.string ?? "") ?? Int(line["waiting"]?.integer ?? 0)
        }
    }
}
