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
        private static let isAlone = given != nil
        private static let rounds = given ?? 1
        private static let length = Duration.seconds(isAlone ? 12 : 6)
        private static let quick = [
            "--connect-fast", "2s", "--connect-slow", "5s", "--backoff-base", "200ms", "--backoff-cap", "2s",
        ]

        @Test("100 frozen and silent hosts among 200: the others' events take at most twice as long, and all come")
        func frozen() async throws {
            let master = try await SaltMaster.started(try #require(SaltInstallation.newest.last))
            let daemons = try await started(4)
            let freezing = try await started(3)
            let silent = try SilentListener()
            let good = hosts(100, on: daemons)
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
            let prober = try await LatencyProber(master, prefix: Bench.prefix, daemons: daemons)
            let downs = downs(of: good, service)
            var without: LatencyProber.Round?
            var with: LatencyProber.Round?
            for round in 0..<Self.rounds {
                without = try await measure("without", round * 2, prober)
                for daemon in freezing { daemon.thaw() }
                try service.reload(ServiceProcess.inventory(good + bad, defaults: defaults))
                try await up(160, service)
                for daemon in freezing { daemon.freeze() }
                with = try await measure("with", round * 2 + 1, prober)
                let status = try await service.status()
                let pool = try #require(status["pool"])
                #expect((pool["written_off"]?.integer ?? .max) <= 16)
                print("isolation: \(status["hosts"] ?? .null) \(pool.withoutStuck)")
                #expect(status["hosts"]?["up"] == 100, "the bad ones were bad")
                try service.reload(ServiceProcess.inventory(good, defaults: defaults))
                try await total(100, service)
            }
            try report("100 bad hosts among 200", without, with)
            if Self.isAlone, let without, let with {
                #expect(with.all.slowest <= without.all.slowest * 2)
            }
            #expect(self.downs(of: good, service) == downs)
            for daemon in freezing { daemon.thaw() }
            #expect(try await service.stop() == .exited(0))
        }

        @Test("a host that sends 10,000 events a second costs the others none of theirs")
        func flooding() async throws {
            let master = try await SaltMaster.started(try #require(SaltInstallation.newest.last))
            let daemons = try await started(2)
            let loud = try await PrivateLibvirtd.started()
            let relay = try await CrowdRelay(to: loud)
            let good = hosts(20, on: daemons)
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(good + [ListedHost("loud", relay.uri)]),
                sockDir: master.sockDir,
                arguments: Self.quick
            )
            try await up(21, service)
            let prober = try await LatencyProber(master, prefix: Bench.prefix, daemons: daemons)
            let downs = downs(of: good, service)
            let without = try await measure("without", 0, prober)
            try await Virsh.script(["suspend test", "resume test"], on: loud)
            try await eventually("it is heard") { (try await service.host("loud")["events"]?.integer ?? 0) >= 2 }
            let before = try #require(try await service.status()["ledger"]?["callbacks"]?.integer)
            relay.repeatEvents(10_000)
            let with = try await measure("with", 1, prober)
            let ledger = try #require(try await service.status()["ledger"])
            relay.repeatEvents(0)
            let heard = (ledger["callbacks"]?.integer ?? 0) - before
            try report(
                "one host with \(Int(Double(heard) / (Self.length / .seconds(1)))) events a second",
                without,
                with
            )
            print("isolation: \(ledger)")
            let least: Int64 = Self.isAlone ? 8_000 : 1_000
            #expect(heard > least * Int64(Self.length / .seconds(1)))
            // The bus is everybody's: what has its turn next still waits for what the master has taken already.
            if Self.isAlone { #expect(with.all.slowest <= .seconds(1)) }
            #expect(self.downs(of: good, service) == downs)
            #expect(service.isRunning)
            _ = try await service.stop()
        }

        @Test("a host with 10,000 domains is listed in bounded memory, and the others notice nothing")
        func crowded() async throws {
            let bench = try await Bench(try #require(SaltInstallation.newest.last))
            let daemons = try await started(2)
            let big = try await PrivateLibvirtd.started()
            try await define(10_000, on: big)
            let relay = try await CrowdRelay(to: big)
            let good = hosts(20, on: daemons)
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(good),
                sockDir: bench.master.sockDir,
                arguments: Self.quick + ["--log-level", "debug"]
            )
            try await up(20, service)
            let prober = try await LatencyProber(bench.master, prefix: Bench.prefix, daemons: daemons)
            let downs = downs(of: good, service)
            let without = try await measure("without", 0, prober)
            let memory = try residentMemory(of: service.pid, "VmHWM")
            prober.begin("with", for: Self.length)
            let begin = ContinuousClock.now
            try service.reload(ServiceProcess.inventory(good + [ListedHost("big", relay.uri)]))
            try await listed(1, service)
            let took = ContinuousClock.now - begin
            // Once more, now that they are known.
            relay.cut(.reset)
            try await listed(2, service)
            let with = try await prober.end(2)
            let growth = try residentMemory(of: service.pid, "VmHWM") - memory
            try report("one host with 10,000 domains, listed in \(took) and \(growth) KiB", without, with)
            if Self.isAlone { #expect(with.all.slowest <= max(without.all.slowest * 2, .milliseconds(100))) }
            // Each of them is a UUID, a name and some words, once as listed and once as kept.
            #expect(growth < 128 << 10)
            #expect(bench.events(of: "big", "domain").isEmpty, "nothing has changed there")
            #expect(self.downs(of: good, service) == downs)
            #expect(try await service.stop() == .exited(0))
        }

        @Test("calls and closes that do not return hold up nobody else's, are shown, and are given back in the end")
        func endless() async throws {
            let bench = try await Bench(try #require(SaltInstallation.newest.last))
            let good = try await started(1)
            let frozen = try await PrivateLibvirtd.started(settings: PrivateLibvirtd.roomy)
            // Nobody ends what hangs, for as long as this test takes.
            let defaults = "defaults: {keepalive: {interval: 60s, count: 5}}\n"
            let few: [String: JSONValue] = ["filters": ["all", "!nodedev"]]
            func inventory(_ count: Int, _ keys: [String: JSONValue] = [:]) -> String {
                let bad = (0..<count).map { ListedHost("frozen\($0)", frozen.uri(.tcp), keys) }
                return ServiceProcess.inventory(bad + hosts(5, on: good, keys), defaults: defaults)
            }
            let service = try ServiceProcess(
                inventory: inventory(0),
                sockDir: bench.master.sockDir,
                arguments: Self.quick
            )
            try await up(5, service)
            let before = try await settled(service)
            try service.reload(inventory(40))
            try await up(45, service)
            try await eventually("no call is under way") {
                let pool = try await service.status()["pool"]
                return pool?["running"] == 0 && pool?["waiting"] == 0
            }
            frozen.freeze()
            // Every connection is asked for other kinds, more at once than there are threads for.
            let begin = ContinuousClock.now
            try service.reload(inventory(40, few))
            for host in hosts(5, on: good) {
                try await eventually("\(host.name) gives other kinds", within: .seconds(10)) {
                    let kinds = try await service.host(host.name)["registered"]?.array ?? []
                    return !kinds.isEmpty && !kinds.contains("nodedev/lifecycle")
                }
            }
            print("isolation: the good ones had their calls within \(ContinuousClock.now - begin)")
            try await eventually("all that hang are shown", within: .seconds(20)) {
                let pool = try await service.status()["pool"]
                let stuck = pool?["stuck"]?.array ?? []
                return pool?["slow"] == 40 && stuck.count == 40 && stuck.allSatisfy { $0["lane"] == "call" }
            }
            #expect(try await service.host("frozen7")["stuck"]?.array?.count == 1)
            #expect(try await service.host("0-3")["stuck"] == [])
            try await Virsh.script(["suspend test"], on: good[0])
            for host in hosts(5, on: good) {
                try await bench.wait(of: "domain/lifecycle", from: host.name, within: .seconds(5))
            }
            // Now forty closes that cannot return by themselves, either.
            try service.reload(inventory(0, few))
            try await Virsh.script(["resume test"], on: good[0])
            for host in hosts(5, on: good) {
                try await bench.wait(2, of: "domain/lifecycle", from: host.name, within: .seconds(5))
            }
            try await eventually("everything is given back", within: .seconds(40), detail: { service.log }) {
                let pool = try await service.status()["pool"]
                return ["running", "slow", "written_off", "waiting"].allSatisfy { pool?[$0] == 0 }
                    && pool?["stuck"] == [] && ProcessResources(of: service.pid) == before
            }
            frozen.thaw()
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        // MARK: - What they have in common

        private func started(_ count: Int) async throws -> [PrivateLibvirtd] {
            var daemons: [PrivateLibvirtd] = []
            for _ in 0..<count { daemons.append(try await .started(settings: PrivateLibvirtd.roomy)) }
            return daemons
        }

        /// Hosts by turns on the daemons, named as ``LatencyProber`` knows them.
        private func hosts(_ count: Int, on daemons: [PrivateLibvirtd], _ keys: [String: JSONValue] = [:])
            -> [ListedHost]
        {
            (0..<count).map { number in
                let daemon = number % daemons.count
                return ListedHost("\(daemon)-\(number / daemons.count)", daemons[daemon].uri(.tcp), keys)
            }
        }

        private func up(_ count: Int, _ service: ServiceProcess) async throws {
            try await eventually("\(count) hosts are up", detail: { "\(service.log.suffix(2_000))" }) {
                try await service.status()["hosts"]?["up"] == .integer(Int64(count))
            }
        }

        /// How often good hosts were lost: on a loaded machine one may not come up at the first try, but none is lost.
        private func downs(of hosts: [ListedHost], _ service: ServiceProcess) -> Int {
            let names = Set(hosts.map(\.name))
            return service.logLines.count { line in
                line["message"] == "Host down" && names.contains(line["host"]?.string ?? "")
            }
        }

        private func total(_ count: Int, _ service: ServiceProcess) async throws {
            try await eventually("there are \(count) hosts") {
                try await service.status()["hosts"]?["total"] == .integer(Int64(count))
            }
        }

        /// Waits until the listing of so many domains has been so often.
        private func listed(_ times: Int, _ service: ServiceProcess) async throws {
            let limit = Duration.seconds(60)
            try await eventually("the domains are listed", within: limit, detail: { "\(service.log.suffix(2_000))" }) {
                let listings = service.logLines.count { line in
                    line["message"] == "Listed" && line["host"] == "big" && line["object"] == "domain"
                        && line["objects"] == "10001"
                }
                return listings >= times
            }
        }

        private func measure(_ name: String, _ number: Int, _ prober: LatencyProber) async throws -> LatencyProber.Round
        {
            prober.begin(name, for: Self.length)
            return try await prober.end(number + 1)
        }

        private func report(
            _ what: String,
            _ without: LatencyProber.Round?,
            _ with: LatencyProber.Round?
        ) throws {
            let (without, with) = (try #require(without), try #require(with))
            print("isolation: \(what): \(with.all); without: \(without.all)")
            for round in [without, with] { #expect(round.missing == 0, "\(what), \(round.name)") }
        }

        private func settled(_ service: ServiceProcess) async throws -> ProcessResources {
            let clock = ContinuousClock()
            var last = (held: ProcessResources(of: service.pid), since: clock.now)
            return try await eventually("it has settled", detail: { "\(last.held as Any)" }) {
                let now = ProcessResources(of: service.pid)
                if now != last.held { last = (now, clock.now) }
                return clock.now - last.since > .seconds(1) ? now : nil
            }
        }

        /// Defines so many domains beside the one that is there.
        private func define(_ count: Int, on daemon: PrivateLibvirtd) async throws {
            let folder = try TemporaryFolder()
            var commands: [String] = []
            for number in 0..<count {
                let file = try folder.write(
                    """
                    <domain type='test'><name>vm\(number)</name><memory>1024</memory><vcpu>1</vcpu>\
                    <os><type>hvm</type></os></domain>
                    """,
                    to: "\(number).xml"
                )
                commands.append("define \(file)")
            }
            try await Virsh.script(commands, on: daemon)
        }
    }
}

extension ServiceProcess {
    /// What the admin socket says of a host, within 5 s.
    func host(_ name: String, isolation: isolated (any Actor)? = #isolation) async throws -> JSONValue {
        let result = try await run([
            "curl", "-s", "--max-time", "5", "--unix-socket", adminSocket, "http://localhost/api/v1/hosts/\(name)",
        ]).checked()
        return try JSONValue(parsing: Data(result.output.utf8))
    }
}

extension JSONValue {
    /// The pool's figures alone.
    fileprivate var withoutStuck: JSONValue { .object((object ?? [:]).filter { $0.key != "stuck" }) }
}
