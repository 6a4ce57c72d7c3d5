import Foundation
import TestSupport
import Testing

/// Everything that starts real daemons and our binary, one after the other: two cores carry one such bench well.
@Suite("Service", .serialized)
struct ServiceTests {}

extension ServiceTests {
    @Suite("relays", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Relaying {
        @Test(
            "what virsh does arrives as the engine would have said it, in order, exactly once",
            arguments: SaltInstallation.all
        )
        func golden(salt: SaltInstallation) async throws {
            let golden = try GoldenEngine.load()
            let bench = try await Bench(salt)
            let tcp = try await PrivateLibvirtd.started()
            let unix = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(
                hosts: [("tcp1", tcp.uri(.tcp)), ("unix1", unix.uri(.unix))],
                sockDir: bench.master.sockDir
            )
            for host in ["tcp1", "unix1"] { try await bench.wait(of: "host/up", from: host) }
            try await bench.listener.wait { $0.contains { $0.tag == "\(Bench.prefix)/aggregator/started" } }

            let lab = try TemporaryFolder()
            let folder = try GoldenEngine.copyLab(to: lab)
            for daemon in [tcp, unix] {
                var environment = try await Virsh.patientEnvironment(in: daemon.folder)
                environment["HOME"] = lab.path
                for step in golden.steps {
                    _ = try await run(
                        ["virsh", "-c", daemon.uri(.unix), step.command],
                        environment: environment,
                        workingFolder: folder
                    )
                }
            }
            let wanted = golden.steps.flatMap(\.events)
            for (host, uri) in [("tcp1", tcp.uri(.tcp)), ("unix1", "test+unix:///default")] {
                let all = try await bench.listener.wait(for: "all events of \(host)") {
                    Bench.events(of: host, in: $0).count > wanted.count
                }
                let got = Bench.events(of: host, in: all).filter { $0.tag != "host/up" }
                #expect(got.map(\.tag) == wanted.map(\.tagTail))
                for (event, wanted) in zip(got, wanted) { expect(event, like: wanted, host: host, uri: uri) }
            }
            #expect(try await service.stop() == .exited(0))
            try await bench.listener.wait { $0.contains { $0.tag == "\(Bench.prefix)/aggregator/stopped" } }
            bench.expectOrderAndIdentity()
        }

        /// The engine's keys and values, but for the deliberate differences, and ours beside them.
        private func expect(_ event: BusEvent, like golden: GoldenEngine.Event, host: String, uri: String) {
            var wanted = golden.data
            // The engine takes the first name of the enum's value 0, and finds another enum's.
            if wanted["event"] == "id lifecycle" { wanted["event"] = "defined" }
            var got = event.data.object ?? [:]
            #expect(got.removeValue(forKey: "uri") == .string(uri))
            #expect(got.removeValue(forKey: "host") == .string(host))
            #expect(got.removeValue(forKey: "_stamp")?.string != nil)
            let relay = got.removeValue(forKey: "relay")
            #expect(relay?["observed"]?.string?.hasSuffix("Z") == true)
            #expect(relay?.object?.keys.sorted() == ["id", "observed"])
            #expect(got == wanted)
        }

        @Test(
            "two thousand events of two hosts arrive in order, none lost, none twice",
            arguments: SaltInstallation.all
        )
        func flood(salt: SaltInstallation) async throws {
            let bench = try await Bench(salt)
            let daemons = [try await PrivateLibvirtd.started(), try await PrivateLibvirtd.started()]
            let service = try ServiceProcess(
                hosts: [("a", daemons[0].uri(.tcp)), ("b", daemons[1].uri(.unix))],
                sockDir: bench.master.sockDir
            )
            for host in ["a", "b"] { try await bench.wait(of: "host/up", from: host) }
            let commands = (0..<500).flatMap { _ in ["suspend test", "resume test"] }
            async let first = Virsh.script(commands, on: daemons[0])
            async let second = Virsh.script(commands, on: daemons[1])
            _ = try await (first, second)
            for host in ["a", "b"] {
                let events = try await bench.wait(1_000, of: "domain/lifecycle", from: host)
                #expect(events.map { $0.data["event"] } == (0..<500).flatMap { _ in ["suspended", "resumed"] })
            }
            #expect(try await service.stop() == .exited(0))
            try await bench.listener.wait { $0.contains { $0.tag == "\(Bench.prefix)/aggregator/stopped" } }
            bench.expectOrderAndIdentity()
        }

        @Test("a reactor on the master fires on the engine's pattern")
        func reactor() async throws {
            let salt = try #require(SaltInstallation.all.first)
            let bench = try await Bench(
                salt,
                configuration: """
                    reactor:
                      - '\(Bench.prefix)/*/domain/lifecycle': ['salt://react.sls']
                    """,
                files: [
                    "srv/react.sls": """
                    answer:
                      runner.event.send:
                        - args:
                          - tag: reacted/{{ data['host'] }}/{{ data['event'] }}
                    """
                ]
            )
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(hosts: [("kvm01", daemon.uri(.tcp))], sockDir: bench.master.sockDir)
            try await bench.wait(of: "host/up", from: "kvm01")
            try await Virsh.script(["suspend test"], on: daemon)
            try await bench.listener.wait(for: "the reactor's answer") { events in
                events.contains { $0.tag == "reacted/kvm01/suspended" }
            }
            try await service.stop()
        }

        @Test("a master whose bus is on TCP is served as well", arguments: SaltInstallation.all)
        func tcpBus(salt: SaltInstallation) async throws {
            let bench = try await Bench(salt, ipcMode: .tcp)
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(
                hosts: [("kvm01", daemon.uri(.tcp))],
                sockDir: nil,
                arguments: ["--bus-salt-config", bench.master.configFile]
            )
            try await bench.wait(of: "host/up", from: "kvm01")
            try await Virsh.script(["suspend test", "resume test"], on: daemon)
            try await bench.wait(2, of: "domain/lifecycle", from: "kvm01")
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("runs as an unprivileged user, who is the master's")
        func unprivileged() async throws {
            let salt = try #require(SaltInstallation.all.first)
            let bench = try await Bench(salt, as: .unprivileged)
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(
                hosts: [("kvm01", daemon.uri(.tcp))],
                sockDir: bench.master.sockDir,
                as: .unprivileged
            )
            try await bench.wait(of: "host/up", from: "kvm01")
            let status = try String(contentsOfFile: "/proc/\(service.pid)/status", encoding: .utf8)
            #expect(status.contains("Uid:\t\(Account.unprivileged.user)\t"))
            try await Virsh.script(["suspend test"], on: daemon)
            try await bench.wait(of: "domain/lifecycle", from: "kvm01")
            #expect(try await service.stop() == .exited(0))
        }
    }
}
