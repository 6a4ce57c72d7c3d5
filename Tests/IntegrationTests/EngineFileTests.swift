import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// What an operator of Salt's engine has, without a word changed.
    @Suite("in the engine's place", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct EngineFile {
        private func start(
            _ arguments: [String],
            environment: [String: String] = [:],
            on bench: Bench,
            in folder: TemporaryFolder
        ) throws -> RunningProcess {
            try RunningProcess(
                [ServiceProcess.binary, "run"] + arguments
                    + ["--bus-sock-dir", bench.master.sockDir, "--spool-path", folder.file("spool")],
                name: "virt-aggregator",
                in: folder,
                environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }
            )
        }

        @Test("the engine's file gives the engine's tags, and the URI as the engine has it")
        func engineFile() async throws {
            let salt = try #require(SaltInstallation.all.first)
            let (bench, folder) = (try await Bench(salt), try TemporaryFolder())
            let tcp = try await PrivateLibvirtd.started()
            let unix = try await PrivateLibvirtd.started()
            let engine = try folder.write(
                """
                log_level: warning
                engines:
                  - logstash: {token: hunter2}
                  - libvirt_events: {uri: "\(tcp.uri(.tcp))", filters: [domain/lifecycle, domain/rtc_change]}
                  - unix1: {engine_module: libvirt_events, uri: "\(unix.uri(.unix))", tag_prefix: own/prefix}
                """,
                to: "engines.conf"
            )
            let service = try start(["--engine", engine], on: bench, in: folder)
            let prefix = Bench.prefix
            // The first is called as its URI's host, 127.0.0.1; own events have the layout of hosts in any case.
            for tag in ["\(prefix)/aggregator/started", "\(prefix)/127.0.0.1/host/up", "own/prefix/unix1/host/up"] {
                try await bench.listener.wait(for: tag) { $0.contains { $0.tag == tag } }
            }
            let address = tcp.uri(.tcp).replacing("://", with: "/")
            let wanted = [
                (tcp, "\(prefix)/\(address)/domain/lifecycle", tcp.uri(.tcp)),
                (unix, "own/prefix/test+unix/default/domain/lifecycle", unix.uri(.unix)),
            ]
            for (daemon, tag, uri) in wanted {
                try await Virsh.run("suspend", "test", on: daemon).checked()
                let events = try await bench.listener.wait(for: tag) { $0.contains { $0.tag == tag } }
                let event = try #require(events.first { $0.tag == tag })
                #expect(event.data["uri"] == .string(uri))
                #expect(event.data["event"] == "suspended")
            }
            service.signal(SIGTERM)
            #expect(try await service.waitForExit() == .exited(0))
            #expect(!service.log.contains("hunter2"))
        }

        @Test("without an inventory libvirt's own choice is watched, under this machine's name")
        func noInventory() async throws {
            let salt = try #require(SaltInstallation.all.first)
            let (bench, folder) = (try await Bench(salt), try TemporaryFolder())
            let daemon = try await PrivateLibvirtd.started()
            let environment = ["LIBVIRT_DEFAULT_URI": daemon.uri(.unix)]
            let service = try start([], environment: environment, on: bench, in: folder)
            let up = try await bench.listener.wait(for: "it is up") { $0.contains { $0.tag.hasSuffix("/host/up") } }
            let name = try #require(up.first { $0.tag.hasSuffix("/host/up") }?.data["host"]?.string)
            try await Virsh.run("suspend", "test", on: daemon).checked()
            let tag = "\(Bench.prefix)/\(name)/domain/lifecycle"
            let events = try await bench.listener.wait(for: tag) { $0.contains { $0.tag == tag } }
            #expect(events.first { $0.tag == tag }?.data["uri"] == "test+unix:///default")
            service.signal(SIGTERM)
            #expect(try await service.waitForExit() == .exited(0))
        }
    }
}
