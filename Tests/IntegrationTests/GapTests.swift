import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// What was not heard, on a real daemon and a real master's bus.
    @Suite("gaps", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Gaps {
        private static let host = "kvm01"

        private let bench: Bench
        private let daemon: PrivateLibvirtd

        init() async throws {
            bench = try await Bench(#require(SaltInstallation.all.first))
            daemon = try await PrivateLibvirtd.started()
        }

        private func service(spool: String? = nil) throws -> ServiceProcess {
            try ServiceProcess(hosts: [(Self.host, daemon.uri(.tcp))], sockDir: bench.master.sockDir, spool: spool)
        }

        /// Everything that can be listed has been, which the history knows.
        private func waitUntilListed(_ service: ServiceProcess) async throws {
            let state = [ServiceProcess.binary, "state", "--json", "--spool-path", service.folder.file("spool")]
            try await eventually("everything is listed", detail: { service.log }) {
                let shown = try await run(state)
                guard shown.status == .success else { return false }
                let report = try JSONValue(parsing: Data(shown.output.utf8))
                let listed = Set(report["objects"]?.array?.compactMap { $0["object"]?.string } ?? [])
                return listed.isSuperset(of: ["domain", "network", "pool", "nodedev"])
            }
        }

        /// What was told though nobody had told it, in words: `network/lifecycle started default`.
        private var synthetic: [String] {
            bench.events(of: Self.host).filter { $0.data["relay"]?["synthetic"] != nil }.map { event in
                let object = event.tag.prefix { $0 != "/" }
                let name = event.data[String(object)]?["name"]?.string ?? "?"
                return "\(event.tag) \(event.data["event"]?.string ?? "?") \(name)"
            }
        }

        private struct Gap {
            let from, to: Date
            let event: BusEvent

            init(_ event: BusEvent) throws {
                func date(_ key: String) throws -> Date {
                    try #require(event.data[key]?.string.flatMap(Moment.parse))
                }
                self.event = event
                from = try date("from")
                to = try date("to")
            }

            var cause: String? { event.data["cause"]?.string }
            var synthesised: JSONValue? { event.data["synthesised"] }
        }

        private func gaps(_ count: Int) async throws -> [Gap] {
            try await bench.wait(count, of: "host/gap", from: Self.host).map(Gap.init)
        }

        /// For faults of seconds; a machine that is busy may still take one for such a fault before there is any.
        private static let shortOfPatience = (
            defaults: "defaults: {keepalive: {interval: 2s, count: 1}}\n",
            arguments: [
                "--connect-fast", "2s", "--connect-slow", "2s", "--backoff-base", "200ms", "--backoff-cap", "1s",
            ]
        )

        /// How much has been told of the host.
        private var counts: (events: Int, gaps: Int) {
            (bench.events(of: Self.host).count, bench.events(of: Self.host, "host/gap").count)
        }

        /// Waits until an attempt to connect is told to have timed out, of which there were so many events of the host before.
        private func waitForTimeout(after events: Int) async throws {
            try await eventually("nobody answers", detail: { "\(bench.events(of: Self.host, "host/down"))" }) {
                bench.events(of: Self.host).dropFirst(events).contains {
                    $0.tag == "host/down" && $0.data["reason"] == "timeout"
                }
            }
        }

        private func define(_ name: String) throws -> String {
            let xml = "<domain type='test'><name>\(name)</name><memory>8192</memory><os><type>hvm</type></os></domain>"
            return try daemon.folder.write(xml, to: "\(name).xml")
        }

        /// Kills the daemon, and starts it again once it is known to be away.
        private func restart(refusals: Int) async throws -> Date {
            let killed = Date()
            try await daemon.kill()
            try await eventually("nobody listens", detail: { "\(bench.events(of: Self.host, "host/down"))" }) {
                bench.events(of: Self.host, "host/down").count { $0.data["reason"] == "refused" } == refusals
            }
            try await daemon.start()
            return killed
        }

        @Test(
            "a host whose processors have done little since is told to have booted, and one that was only lost is not"
        )
        func booted() async throws {
            let relay = try LibvirtRelay(to: daemon.port)
            let service = try ServiceProcess(hosts: [(Self.host, relay.uri())], sockDir: bench.master.sockDir)
            try await bench.wait(of: "host/up", from: Self.host)
            relay.cut()
            #expect(try await gaps(1).last?.cause == "unknown")
            relay.boot()
            #expect(try await gaps(2).last?.cause == "host")
            #expect(synthetic == [])
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test(
            "a daemon that is killed and comes back with other objects: each difference is told, then the gap; and nothing when there is none"
        )
        func daemonKilled() async throws {
            let service = try service()
            try await bench.wait(of: "host/up", from: Self.host)
            try await waitUntilListed(service)
            #expect(synthetic == [] && bench.events(of: Self.host, "host/gap").isEmpty, "that was the first sight")
            // The test driver forgets all of it.
            let changes = [
                "define \(try define("d1"))", "suspend test", "net-destroy default",
                "pool-define-as p2 dir --target /p2",
            ]
            let before = Date()
            try await Virsh.script(changes, on: daemon)
            try await bench.wait(2, of: "domain/lifecycle", from: Self.host)
            try await bench.wait(of: "pool/lifecycle", from: Self.host)

            let killed = try await restart(refusals: 1)
            let gap = try #require(try await gaps(1).first)
            #expect(
                synthetic.sorted() == [
                    "domain/lifecycle resumed test", "domain/lifecycle undefined d1",
                    "network/lifecycle started default",
                    "pool/lifecycle undefined p2",
                ]
            )
            #expect(gap.cause == "daemon")
            #expect(gap.synthesised == 4)
            #expect(gap.event.data["classes"] == ["domain", "network", "pool", "nodedev"])
            // An event proves what was so a probe's deadline before it, or as long as the last answer took.
            #expect(gap.from <= killed && gap.from > before.addingTimeInterval(-10))
            #expect(gap.to > killed)
            let last = bench.events(of: Self.host).last { $0.data["relay"]?["synthetic"] != nil }
            let number = last?.data["relay"]?["id"]?.string
            #expect(
                bench.events(of: Self.host).firstIndex { $0.data["relay"]?["id"]?.string == number } ?? .max
                    < bench.events(of: Self.host).firstIndex { $0.tag == "host/gap" } ?? 0
            )

            _ = try await restart(refusals: 2)
            let second = try #require(try await gaps(2).last)
            #expect(second.synthesised == 0)
            #expect(second.from >= gap.to)
            #expect(synthetic.count == 4, "nothing has changed")
            bench.expectOrderAndIdentity()
            #expect(try await service.stop() == .exited(0))
        }

        @Test("a daemon that takes connections and answers none is no lost network")
        func daemonFrozen() async throws {
            let service = try ServiceProcess(
                hosts: [(Self.host, daemon.uri(.tcp))],
                defaults: Self.shortOfPatience.defaults,
                sockDir: bench.master.sockDir,
                arguments: Self.shortOfPatience.arguments
            )
            try await bench.wait(of: "host/up", from: Self.host)
            try await waitUntilListed(service)
            let (events, gaps) = counts
            daemon.freeze()
            try await waitForTimeout(after: events)
            daemon.thaw()
            try await eventually("there is a gap", detail: { service.log }) {
                try await daemon.startIfEnded()
                return counts.gaps > gaps
            }
            let gap = try #require(try await self.gaps(gaps + 1).last)
            #expect(gap.cause == "daemon")
            #expect(gap.synthesised == 0)
            #expect(try await service.stop() == .exited(0))
        }

        @Test("a host that the network does not let through is told to have been lost with it")
        func networkCut() async throws {
            let site = try await PrivateSite(bytes: 1 << 20, cables: 1)
            let far = PrivateSite.address(0)
            let daemon = try await PrivateLibvirtd.started(settings: ["listen_addr": "\"\(far)\""], at: site.far)
            let service = try ServiceProcess(
                hosts: [(Self.host, "test+tcp://\(far):\(daemon.port)/default")],
                defaults: Self.shortOfPatience.defaults,
                sockDir: bench.master.sockDir,
                at: site.place,
                arguments: Self.shortOfPatience.arguments
            )
            try await bench.wait(of: "host/up", from: Self.host)
            let (events, gaps) = counts
            try await site.cut(0)
            try await waitForTimeout(after: events)
            try await site.mend(0)
            let gap = try #require(try await self.gaps(gaps + 1).last)
            #expect(gap.cause == "network")
            #expect(synthetic == [])
            #expect(try await service.stop() == .exited(0))
        }

        @Test("what changed while the service was dead is told by the next one, with a gap of our own")
        func serviceKilled() async throws {
            let first = try service()
            try await bench.wait(of: "host/up", from: Self.host)
            try await waitUntilListed(first)
            try await Virsh.script(["suspend test"], on: daemon)
            try await bench.wait(of: "domain/lifecycle", from: Self.host)
            let spool = first.folder.file("spool")
            try await first.kill()
            let killed = Date()
            try await Virsh.script(
                [
                    "resume test", "define \(try define("d1"))", "start d1", "net-destroy default",
                    "pool-define-as p2 dir --target /p2",
                ],
                on: daemon
            )
            let second = try service(spool: spool)
            let gap = try #require(try await gaps(1).first)
            #expect(gap.cause == "self")
            #expect(gap.from <= killed && gap.to > killed)
            #expect(
                synthetic.sorted() == [
                    "domain/lifecycle defined d1", "domain/lifecycle resumed test", "domain/lifecycle started d1",
                    "network/lifecycle stopped default", "pool/lifecycle defined p2",
                ]
            )
            // What comes from here on is libvirt's again.
            try await Virsh.script(["suspend d1"], on: daemon)
            try await bench.wait(5, of: "domain/lifecycle", from: Self.host)
            #expect(synthetic.count == 5)

            try await second.kill()
            let third = try service(spool: spool)
            #expect(try await gaps(2).last?.synthesised == 0, "nothing has changed")
            #expect(try await third.stop() == .exited(0))
        }
    }
}
