import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// What the other hosts notice of those that misbehave.
    ///
    /// How long a change on a healthy host takes to the bus is measured in turns, without the bad ones and with them, in one
    /// run of one service; `make isolation` has longer rounds, the release build and the machine for itself, and there alone
    /// the times count.
    @Suite("isolation", .serialized, .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Isolation {
        private static let given = ProcessInfo.processInfo.environment["VIRT_AGGREGATOR_ISOLATION"].flatMap { Int($0) }

        /// Whether nothing else runs.
        static let isAlone = given != nil
        private static let rounds = given ?? 1
        static let length = Duration.seconds(isAlone ? 12 : 6)
        static let quick = [
            "--connect-fast", "2s", "--connect-slow", "5s", "--backoff-base", "200ms", "--backoff-cap", "2s",
        ]

        @Test("100 frozen and silent hosts among 200: the others' events take at most twice as long, and all come")
        func frozen() async throws {
            let master = try await SaltMaster.started(try #require(SaltInstallation.newest.last))
            let daemons = try await PrivateLibvirtd.started(4)
            let freezing = try await PrivateLibvirtd.started(3)
            let silent = try SilentListener()
            let good = ListedHost.byTurns(100, on: daemons, ["keepalive": ["interval": "2s", "count": 5]])
            // Those that freeze are lost by keepalive while it is measured, and then there is no end of trying.
            let bad =
                (0..<60).map { ListedHost("frozen\($0)", freezing[$0 % 3].uri(.tcp)) }
                + (0..<40).map { ListedHost("silent\($0)", "test+tcp://127.0.0.1:\(silent.port)/default") }
            let defaults = "defaults: {keepalive: {interval: 1s, count: 3}}\n"
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(good, defaults: defaults),
                sockDir: master.sockDir,
                arguments: Self.quick
            )
            try await up(100, service)
            let prober = try await prober(on: master, of: good, daemons)
            let downs = downs(of: good, service)
            var without: LatencyProber.Round?
            var with: LatencyProber.Round?
            for round in 0..<Self.rounds {
                without = try await measure("without", round * 2, prober)
                for daemon in freezing { daemon.thaw() }
                try service.reload(ServiceProcess.inventory(good + bad, defaults: defaults))
                try await up(160, service, thawed: freezing)
                for daemon in freezing { daemon.freeze() }
                with = try await measure("with", round * 2 + 1, prober)
                let status = try await service.status()
                let pool = try #require(status["pool"])
                #expect((pool["written_off"]?.integer ?? .max) <= 16)
                print("isolation: \(status["hosts"] ?? .null) \(pool.withoutStuck)")
                // The bad ones were bad: the last of them may be found out only now.
                try await up(100, service)
                try service.reload(ServiceProcess.inventory(good, defaults: defaults))
                try await total(100, service)
            }
            try report("100 bad hosts among 200", of: 100, without, with)
            if Self.isAlone, let without, let with {
                #expect(with.all.slowest <= without.all.slowest * 2)
            }
            #expect(self.downs(of: good, service) == downs)
            for daemon in freezing { daemon.thaw() }
            #expect(try await service.stop() == .exited(0))
        }

        @Test("a host that sends 10,000 events a second costs the others none of theirs")
        func flooding() async throws {
            let salt = try #require(SaltInstallation.newest.last)
            let (master, otherMaster) = (try await SaltMaster.started(salt), try await SaltMaster.started(salt))
            let daemons = try await PrivateLibvirtd.started(2)
            let loud = try await PrivateLibvirtd.started()
            let relay = try await CrowdRelay(to: loud)
            let listed = ListedHost("loud", relay.uri)
            let good = ListedHost.byTurns(20, on: daemons)
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(good),
                sockDir: master.sockDir,
                arguments: Self.quick
            )
            let other = try ServiceProcess(
                inventory: ServiceProcess.inventory([listed]),
                sockDir: otherMaster.sockDir,
                arguments: Self.quick
            )
            try await up(20, service)
            let prober = try await prober(on: master, of: good, daemons)
            let downs = downs(of: good, service)
            let without = try await measure("without", 0, prober)
            // The same flood on the same machine, in other hands: what is left is the service's and its master's doing.
            try await flood(other, by: relay, of: loud)
            let beside = try await measure("beside", 1, prober)
            relay.repeatEvents(0)
            _ = try await other.stop()
            await otherMaster.stop()
            try service.reload(ServiceProcess.inventory(good + [listed]))
            try await up(21, service)
            let before = try await callbacks(service)
            let begin = ContinuousClock.now
            try await flood(service, by: relay, of: loud)
            let with = try await measure("with", 2, prober)
            let heard = try await callbacks(service) - before
            let rate = Int(Double(heard) / ((ContinuousClock.now - begin) / .seconds(1)))
            try await eventually("it was a flood") { try await callbacks(service) - before >= 10_000 }
            relay.repeatEvents(0)
            try report("one host with \(rate) events a second", of: 20, without, with)
            try report("the same in another service's hands", of: 20, without, beside)
            // A debug build hears as many (measured: 10,147), but not on any machine that does other things, too.
            if Self.isAlone {
                #expect(rate >= 9_500)
                expectUnharmed(beside, with)
            }
            try await expectDropsTold(of: "loud", service, prober)
            #expect(self.downs(of: good, service) == downs)
            #expect(service.isRunning)
            _ = try await service.stop()
        }
    }
}

extension JSONValue {
    /// The pool's figures alone.
    fileprivate var withoutStuck: JSONValue { .object((object ?? [:]).filter { $0.key != "stuck" }) }
}
