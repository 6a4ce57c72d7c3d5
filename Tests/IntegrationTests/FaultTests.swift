import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// Daemons that die, freeze and are not there; the fast set of what can go wrong with a host.
    @Suite("endures", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Enduring {
        private static let quickKeepalive = "defaults: {keepalive: {interval: 1s, count: 2}}\n"
        private static let quickBackoff = ["--backoff-base", "100ms", "--backoff-cap", "1s"]

        /// When the service observed the first of these.
        private func observed(_ events: [BusEvent]) -> Date? {
            events.first?.data["relay"]?["observed"]?.string.flatMap(Moment.parse)
        }

        private func salt() throws -> SaltInstallation { try #require(SaltInstallation.all.first) }

        @Test("a libvirtd that is killed and started again: down, up, and heard again")
        func killed() async throws {
            let bench = try await Bench(salt())
            let daemons = [try await PrivateLibvirtd.started(), try await PrivateLibvirtd.started()]
            let service = try ServiceProcess(
                hosts: [("tcp1", daemons[0].uri(.tcp)), ("unix1", daemons[1].uri(.unix))],
                sockDir: bench.master.sockDir,
                arguments: Self.quickBackoff
            )
            for (host, daemon) in zip(["tcp1", "unix1"], daemons) {
                try await bench.wait(of: "host/up", from: host)
                try await daemon.kill()
                let down = try #require(try await bench.wait(of: "host/down", from: host).first)
                #expect(["eof", "error"].contains(down.data["reason"]?.string))
                #expect(down.data["message"]?.string?.isEmpty == false)
                #expect(down.data["since"]?.string != nil)
                #expect(down.data["next_attempt"]?.string != nil)
                try await daemon.start()
                try await bench.wait(2, of: "host/up", from: host)
                try await Virsh.script(["suspend test"], on: daemon)
                try await bench.wait(of: "domain/lifecycle", from: host)
            }
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("a libvirtd that freezes is down with reason keepalive in time, and up again when it thaws")
        func frozen() async throws {
            let bench = try await Bench(salt())
            let frozen = try await PrivateLibvirtd.started()
            let other = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(
                    [
                        ListedHost("frozen", frozen.uri(.tcp)),
                        // It must not be lost.
                        ListedHost("other", other.uri(.unix), ["keepalive": ["interval": "2s", "count": 5]]),
                    ],
                    defaults: Self.quickKeepalive
                ),
                sockDir: bench.master.sockDir,
                arguments: Self.quickBackoff
            )
            for host in ["frozen", "other"] { try await bench.wait(of: "host/up", from: host) }
            frozen.freeze()
            // interval * (count + 1) + 2 s.
            let down = try await bench.wait(of: "host/down", from: "frozen", within: .seconds(60))
            #expect(down.first?.data["reason"] == "keepalive")
            try await Virsh.script(["suspend test"], on: other)
            try await bench.wait(of: "domain/lifecycle", from: "other", within: .seconds(60))
            frozen.thaw()
            try await eventually("it is up again", within: .seconds(60), detail: { frozen.log }) {
                try await frozen.startIfEnded()
                return bench.events(of: "frozen", "host/up").count == 2
            }
            try await Virsh.script(["suspend test"], on: frozen)
            try await bench.wait(of: "domain/lifecycle", from: "frozen")
            #expect(bench.events(of: "other", "host/down").isEmpty)
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("silent, refusing and missing hosts delay no other, and one that comes later comes up")
        func badCompany() async throws {
            let bench = try await Bench(salt())
            let good = [try await PrivateLibvirtd.started(), try await PrivateLibvirtd.started()]
            let late = try PrivateLibvirtd()
            let silent = try SilentListener()
            let refusing = try RefusingPort()
            let service = try ServiceProcess(
                hosts: [
                    ("late", late.uri(.tcp)), ("silent", "test+tcp://127.0.0.1:\(silent.port)/default"),
                    ("refusing", "test+tcp://127.0.0.1:\(refusing.port)/default"),
                    ("missing", "test+unix:///default?socket=/nonexistent/sock"),
                    ("good0", good[0].uri(.tcp)), ("good1", good[1].uri(.unix)),
                ],
                sockDir: bench.master.sockDir,
                arguments: Self.quickBackoff + ["--connect-fast", "1s", "--connect-slow", "3s"]
            )
            for host in ["good0", "good1"] { try await bench.wait(of: "host/up", from: host, within: .seconds(60)) }
            for (host, reason) in [("refusing", "refused"), ("missing", "refused"), ("late", "refused")] {
                let down = try await bench.wait(of: "host/down", from: host)
                #expect(down.first?.data["reason"] == .string(reason))
            }
            let down = try await bench.wait(of: "host/down", from: "silent", within: .seconds(60))
            #expect(down.first?.data["reason"] == "timeout")
            // The silent one is told after both its tries, 4 s, and the good ones did not wait for it.
            let silence = try #require(observed(down))
            for host in ["good0", "good1"] {
                #expect(try #require(observed(bench.events(of: host, "host/up"))) < silence)
            }
            try await late.start()
            let up = try await bench.wait(of: "host/up", from: "late", within: .seconds(60))
            #expect((up.first?.data["attempt"]?.integer ?? 0) > 1)
            for host in ["silent", "refusing", "missing"] {
                #expect(bench.events(of: host, "host/down").count == 1, "an outage is announced once")
            }
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("a master that is away: the service says so, and what was heard arrives when it is back, in order")
        func masterAway() async throws {
            let bench = try await Bench(salt())
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(hosts: [("kvm01", daemon.uri(.tcp))], sockDir: bench.master.sockDir)
            try await bench.wait(of: "host/up", from: "kvm01")
            await bench.listener.stop()
            await bench.master.stop()
            try await service.waitForLog("it says that the bus is away") { line in
                ["Bus lost", "Bus unavailable"].contains(line["message"]?.string)
            }
            let commands = (0..<100).flatMap { _ in ["suspend test", "resume test"] }
            try await Virsh.script(commands, on: daemon)
            // The listener must be there before the service is: it is told to wait by being frozen.
            service.signal(SIGSTOP)
            try await bench.master.start()
            let listener = try await BusListener(bench.master)
            service.signal(SIGCONT)
            let events = try await listener.wait(for: "all events") {
                Bench.events(of: "kvm01", "domain/lifecycle", in: $0).count >= commands.count
            }
            let got = Bench.events(of: "kvm01", "domain/lifecycle", in: events)
            #expect(got.map { $0.data["event"] } == (0..<100).flatMap { _ in ["suspended", "resumed"] })
            #expect(try await service.stop() == .exited(0))
        }

        @Test("what is in the spool when the service is killed reaches the bus in its next life")
        func serviceKilled() async throws {
            let bench = try await Bench(salt())
            let daemon = try await PrivateLibvirtd.started()
            let spool = try TemporaryFolder()
            await bench.master.stop()
            let first = try ServiceProcess(
                hosts: [("kvm01", daemon.uri(.tcp))],
                sockDir: bench.master.sockDir,
                spool: spool.path
            )
            try await first.waitForLog("the host is up") { $0["message"] == "Host up" }
            try await Virsh.script((0..<50).flatMap { _ in ["suspend test", "resume test"] }, on: daemon)
            try await eventually("the journal has them") {
                let query = "SELECT count(*) >= 100 FROM record WHERE object = 'domain' AND kind = 'lifecycle'"
                let program =
                    "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])"
                let python = "\(bench.master.salt.folder)/bin/python"
                return try await run([python, "-c", program, spool.file("spool.sqlite"), query])
                    .output.trimmingCharacters(in: .whitespacesAndNewlines) == "1"
            }
            try await first.kill()
            try await bench.master.start()
            let listener = try await BusListener(bench.master)
            let second = try ServiceProcess(
                hosts: [("kvm01", daemon.uri(.tcp))],
                sockDir: bench.master.sockDir,
                spool: spool.path
            )
            try await listener.wait(for: "the former life's events") {
                Bench.events(of: "kvm01", "domain/lifecycle", in: BusRecord($0).firsts).count == 100
            }
            #expect(try await second.stop() == .exited(0))
        }
    }
}
