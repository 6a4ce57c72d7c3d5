import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// An inventory that changes while the service runs.
    @Suite("reloads", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Reloading {
        private static let prefix = Bench.prefix

        private func salt() throws -> SaltInstallation { try #require(SaltInstallation.all.first) }

        /// Replaces the inventory as an editor does, by renaming.
        private func write(_ text: String, to service: ServiceProcess) throws {
            try text.write(toFile: service.inventory, atomically: true, encoding: .utf8)
        }

        /// The service's `reloaded` events so far.
        private func reloads(_ bench: Bench) -> [BusEvent] {
            bench.listener.events.filter { $0.tag == "\(Self.prefix)/aggregator/reloaded" }
        }

        @Test("under a stream of events no event of an unchanged host is lost or doubled, whatever the others do")
        func underEvents() async throws {
            let bench = try await Bench(salt())
            let steady = try await PrivateLibvirtd.started()
            let restless = try await PrivateLibvirtd.started()
            let base = "  steady: \(JSONValue.string(steady.uri(.tcp)))\n"
            let service = try ServiceProcess(
                hosts: [("steady", steady.uri(.tcp)), ("restless", restless.uri(.unix))],
                sockDir: bench.master.sockDir
            )
            for host in ["steady", "restless"] { try await bench.wait(of: "host/up", from: host) }

            async let stream = Virsh.script((0..<400).flatMap { _ in ["suspend test", "resume test"] }, on: steady)
            // Labelled, moved, gone and back again: changed, replaced, removed, added.
            let unix = JSONValue.string(restless.uri(.unix)), tcp = JSONValue.string(restless.uri(.tcp))
            let others = [
                "  restless: {uri: \(unix), labels: {rack: r1}}\n", "  restless: {uri: \(tcp), labels: {rack: r1}}\n",
                "",
                "  restless: \(unix)\n",
            ]
            var rounds = 0
            for round in 0..<3 {
                for other in others {
                    // Round by round another way to the same end: the first time of the second, nothing has changed.
                    try write("hosts:\n" + base + other, to: service)
                    if round % 2 == 0 {
                        service.signal(SIGHUP)
                    } else {
                        let result = try await hosts(["reload"], of: service)
                        #expect(result.status == .exited(0), "\(result)")
                    }
                    rounds += 1
                    let wanted = rounds
                    try await eventually("\(wanted) reloads are told", detail: { service.log }) {
                        reloads(bench).count >= wanted
                    }
                }
            }
            try await stream.checked()
            let events = try await bench.wait(800, of: "domain/lifecycle", from: "steady")
            #expect(events.map { $0.data["event"] } == (0..<400).flatMap { _ in ["suspended", "resumed"] })
            // Who leaves says so once its connection is let go of.
            try await bench.wait(3, of: "host/down", from: "restless")
            #expect(bench.events(of: "steady", "host/").map(\.tag) == ["host/up"], "it kept its connection")
            #expect(bench.events(of: "restless", "host/down").allSatisfy { $0.data["reason"] == "inventory" })
            #expect(
                bench.events(of: "restless", "host/down").count == 3,
                "each time it left the inventory, and only then"
            )

            try await eventually("it is up again") {
                let show = try await hosts(["hosts", "show", "restless", "--json"], of: service)
                return try show.status == .success && JSONValue(parsing: Data(show.output.utf8))["phase"] == "up"
            }
            try await Virsh.script(["suspend test"], on: restless)
            try await bench.wait(of: "domain/lifecycle", from: "restless")
            let told = reloads(bench)
            #expect(told.count == rounds)
            #expect(told.first?.data["changed"] == ["restless"])
            #expect(told.first?.data["unchanged"] == 1)
            #expect(told.first?.data["trigger"] == "signal")
            #expect(told.contains { $0.data["replaced"] == ["restless"] })
            #expect(told.contains { $0.data["removed"] == ["restless"] })
            #expect(told.contains { $0.data["added"] == ["restless"] && $0.data["trigger"] == "admin" })
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("an inventory with mistakes changes nothing and says so; a good one that is merely saved is taken over")
        func mistakes() async throws {
            let bench = try await Bench(salt())
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(hosts: [("kvm01", daemon.uri(.tcp))], sockDir: bench.master.sockDir)
            try await bench.wait(of: "host/up", from: "kvm01")
            try write("hosts:\n  kvm01: {url: x}\n  kvm 02: qemu:///system\n", to: service)
            let result = try await hosts(["reload"], of: service)
            #expect(result.status == .exited(78), "\(result)")
            #expect(result.errors.contains(":2:11: error: "))
            #expect(result.errors.contains(":3:3: error: "))
            try await service.waitForLog("every mistake is logged") {
                $0["message"] == "Inventory refused" && $0["diagnostic"]?.string?.contains(":3:3: error:") == true
            }
            try await Virsh.script(["suspend test"], on: daemon)
            try await bench.wait(of: "domain/lifecycle", from: "kvm01")
            #expect(reloads(bench).isEmpty)
            #expect(service.isRunning)

            let uri = JSONValue.string(daemon.uri(.tcp))
            try write("hosts:\n  kvm01: {uri: \(uri), labels: {rack: r7}}\n", to: service)
            let told = try await bench.listener.wait(for: "the change is found") {
                $0.contains { $0.tag == "\(Self.prefix)/aggregator/reloaded" }
            }
            #expect(told.last { $0.tag.hasSuffix("reloaded") }?.data["trigger"] == "file")
            try await Virsh.script(["resume test"], on: daemon)
            let event = try await bench.wait(2, of: "domain/lifecycle", from: "kvm01").last
            #expect(event?.data["labels"] == ["rack": "r7"])
            #expect(bench.events(of: "kvm01", "host/").map(\.tag) == ["host/up"])
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("a pause outlives kill -9, shows who and until when, and ends with a resume")
        func pauses() async throws {
            let bench = try await Bench(salt())
            let daemon = try await PrivateLibvirtd.started()
            let spool = try TemporaryFolder()
            let fleet = [("kvm01", daemon.uri(.tcp)), ("kvm02", daemon.uri(.unix))].map { (name: $0.0, uri: $0.1) }
            let first = try ServiceProcess(hosts: fleet, sockDir: bench.master.sockDir, spool: spool.file("spool"))
            try await bench.wait(of: "host/up", from: "kvm01")
            let paused = try await hosts(
                ["hosts", "pause", "kvm01", "--for", "2h", "--by", "alice", "--json"],
                of: first
            )
            #expect(paused.status == .exited(0), "\(paused)")
            let before = try JSONValue(parsing: Data(paused.output.utf8))["paused"]
            #expect(before?["by"]?.string?.hasSuffix(": alice") == true)
            let event = try await bench.wait(of: "host/paused", from: "kvm01").first
            #expect(event?.data["until"] == before?["until"])
            try await first.kill()

            let second = try ServiceProcess(
                hosts: fleet,
                sockDir: bench.master.sockDir,
                spool: spool.file("spool"),
                // The same place, which the killed one has left as it was.
                adminSocket: first.adminSocket
            )
            try await bench.wait(2, of: "host/up", from: "kvm02")
            try await waitForSocket(of: second)
            let list = try await hosts(["hosts", "list", "--phase", "paused", "--json"], of: second)
            let after = try JSONValue(parsing: Data(list.output.utf8))["hosts"]?.array
            #expect(after?.compactMap { $0["name"] } == ["kvm01"])
            #expect(after?.first?["paused"] == before)
            let resumed = try await hosts(["hosts", "resume", "kvm01"], of: second)
            #expect(resumed.status == .exited(0), "\(resumed)")
            try await bench.wait(of: "host/resumed", from: "kvm01")
            try await second.kill()

            let third = try ServiceProcess(hosts: fleet, sockDir: bench.master.sockDir, spool: spool.file("spool"))
            try await waitForSocket(of: third)
            let none = try await hosts(["hosts", "list", "--phase", "paused", "--json"], of: third)
            #expect(try JSONValue(parsing: Data(none.output.utf8))["hosts"] == [])
            #expect(try await third.stop() == .exited(0))
        }
    }
}
