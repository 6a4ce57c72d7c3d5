import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// The binary as an operator or a script meets it: what it prints, and how it ends.
    @Suite("commands", .timeLimit(.minutes(10)))
    struct Commands {
        private func aggregator(_ arguments: String...) async throws -> CommandResult {
            try await run([ServiceProcess.binary] + arguments)
        }

        @Test("the demo relays all it hears and sums up in its last line")
        func demo() async throws {
            let result = try await aggregator("demo", "--seconds", "8")
            #expect(result.status == .exited(0), "\(result)")
            #expect(result.errors == "")
            let lines = result.output.split(separator: "\n")
            let summary = try JSONValue(parsing: Data(try #require(lines.last).utf8))
            #expect(summary["hosts"] == 3)
            #expect(summary["up"] == 3)
            #expect(summary["events"] == summary["relayed"])
            #expect((summary["events"]?.integer ?? 0) > 10)
            let events = try lines.dropLast().map { try JSONValue(parsing: Data($0.utf8)) }
            #expect(events.count == Int(summary["relayed"]?.integer ?? 0))
            #expect(events.contains { $0["tag"] == "salt/engines/libvirt_events/demo1/domain/lifecycle" })
        }

        @Test("the demo ends quietly when nobody reads it any more")
        func closedPipe() async throws {
            let result = try await run(["sh", "-c", "'\(ServiceProcess.binary)' demo --seconds 20 | head -1"])
            #expect(result.status == .exited(0))
            #expect(result.output.split(separator: "\n").count == 1)
            #expect(result.errors == "")
        }

        @Test(
            "output that cannot be written is a failure; that nobody reads it is none",
            arguments: ["check --inventory '\(Repository.path("inventory/example.yaml"))'", "version"]
        )
        func output(command: String) async throws {
            let full = try await run(["sh", "-c", "'\(ServiceProcess.binary)' \(command) >/dev/full"])
            #expect(full.status == .exited(1), "\(full)")
            #expect(full.errors.contains("cannot write"))
            // The reader has closed its end before the command begins.
            let unread = """
                mkfifo gone
                { read -r _ <gone; '\(ServiceProcess.binary)' \(command); echo $? >&3; } 3>&2 | { exec <&-; echo >gone; }
                """
            let folder = try TemporaryFolder()
            let result = try await run(["sh", "-c", unread], workingFolder: folder.path)
            #expect(result.errors == "0\n", "\(result)")
        }

        @Test(
            "a wrong command line ends with 64 and teaches",
            arguments: [
                ["run", "--nonsense"], ["demo", "--seconds", "-1"],
                ["run", "--inventory", "x", "--bus-window", "many"],
                ["check", "--log-level", "loud"],
            ]
        )
        func usage(arguments: [String]) async throws {
            let result = try await run([ServiceProcess.binary] + arguments)
            #expect(result.status == .exited(64), "\(result)")
            #expect(!result.errors.isEmpty || !result.output.isEmpty)
        }

        @Test(
            "five mistakes in an inventory are five positioned errors, 78, and nothing started",
            arguments: ["check", "run"]
        )
        func mistakes(command: String) async throws {
            let folder = try TemporaryFolder()
            let inventory = try folder.write(
                """
                defaults:
                  keepalive: {interval: 5, count: 3}
                hosts:
                  kvm 01: qemu+tls://kvm01.example.net/system
                  kvm02: qemu+shh://kvm02.example.net/system
                  kvm03: {url: qemu:///system}
                  kvm04: {uri: "test:///default", filters: [domian]}
                """,
                to: "inventory.yaml"
            )
            let result = try await aggregator(
                command,
                "--inventory",
                inventory,
                "--spool-path",
                folder.file("spool"),
                "--bus-sock-dir",
                folder.path
            )
            #expect(result.status == .exited(78), "\(result)")
            let errors = (result.output + result.errors).split(separator: "\n").filter {
                $0.contains(#/^.*inventory\.yaml:\d+:\d+: error: .+; .+/#)
            }
            #expect(errors.count >= 5, "\(result)")
            #expect(!FileManager.default.fileExists(atPath: folder.file("spool")))
        }

        @Test("check says what would be started, and lists errors as JSON for machines")
        func check() async throws {
            let good = try await aggregator("check", "--inventory", Repository.path("inventory/example.yaml"))
            #expect(good.status == .exited(0), "\(good)")
            #expect(good.output.hasPrefix("ok: "))
            let bad = try await aggregator("check", "--json", "--inventory", "/nonexistent.yaml")
            #expect(bad.status == .exited(78))
            let errors = try JSONValue(parsing: Data(bad.output.utf8)).array ?? []
            #expect(errors.first?["file"] == "/nonexistent.yaml")
            #expect(errors.first?["hint"]?.string?.isEmpty == false)
        }

        @Test(
            "a file made to be large or slow is refused in bounded memory",
            arguments: [
                "a0: &a0 [x, x]\n" + (1...30).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined(),
                "hosts: {a: '" + String(repeating: "x", count: 10_000_000) + "'}",
                String(repeating: "\0", count: 10_000_000), String(repeating: "[", count: 10_000_000),
                "groups: {g: {uri: 'qemu://{name}/', hosts: ['k[0-9999][0-9999][0-9999]']}}",
            ]
        )
        func bounded(text: String) async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(text, to: "inventory.yaml")
            // 1 GiB of addresses, of which the libraries take a half before anything is read.
            let limited = "ulimit -v 1048576; exec '\(ServiceProcess.binary)' check --inventory '\(file)'"
            let result = try await run(["sh", "-c", limited])
            #expect(result.status == .exited(78), "\(result)")
            #expect(result.output.utf8.count < 4096)
        }

        @Test("the configuration of Salt's engine is taken as it is, and not beside an inventory")
        func engine() async throws {
            let folder = try TemporaryFolder()
            let engine = try folder.write("engines:\n  - libvirt_events: {uri: 'test:///default'}\n", to: "engine.conf")
            let good = try await aggregator("check", "--engine", engine)
            #expect(good.status == .exited(0), "\(good)")
            #expect(good.output.hasPrefix("ok: 1 host"))
            let both = try await aggregator("check", "--engine", engine, "--inventory", engine)
            #expect(both.status == .exited(64), "\(both)")
        }

        @Test("version names the product and the library")
        func version() async throws {
            let result = try await aggregator("version", "--json")
            let version = try JSONValue(parsing: Data(result.output.utf8))
            #expect(version["version"]?.string?.contains(#/^\d+\.\d+\.\d+/#) == true)
            #expect(version["libvirt"]?.string?.contains(#/^\d+\.\d+\.\d+$/#) == true)
        }
    }

    /// How the service starts and ends when there is no master, or another service.
    @Suite("starts and ends", .timeLimit(.minutes(10)))
    struct StartingAndEnding {
        private func start(
            _ hosts: [(name: String, uri: String)] = [("node", "test:///default")],
            sockDir: String,
            spool: String? = nil,
            arguments: [String] = []
        ) throws -> ServiceProcess {
            try ServiceProcess(hosts: hosts, sockDir: sockDir, spool: spool, arguments: arguments)
        }

        @Test("without a master it runs, says which socket is missing, and ends with 0")
        func noMaster() async throws {
            let folder = try TemporaryFolder()
            let service = try start(sockDir: folder.path)
            try await service.waitForLog("the bus is said to be away") {
                $0["message"] == "Bus unavailable" && $0["error"]?.string?.contains(folder.path) == true
            }
            try await service.waitForLog("the host is up") { $0["message"] == "Host up" && $0["host"] == "node" }
            #expect(service.logLines.count { $0["message"] == "Bus unavailable" } == 1, "said once, not per attempt")
            #expect(try await service.stop() == .exited(0))
        }

        @Test("a second service on one spool ends with 69 and names the remedy")
        func locked() async throws {
            let folder = try TemporaryFolder()
            let spool = folder.file("spool")
            let first = try start(sockDir: folder.path, spool: spool)
            try await first.waitForLog("it runs") { $0["message"] == "Host up" }
            let second = try start(sockDir: folder.path, spool: spool)
            #expect(try await second.waitForExit() == .exited(69))
            #expect(second.log.contains("spool.path"))
            #expect(try await first.stop() == .exited(0))
        }

        @Test("a spool that cannot be used ends with 78")
        func unusableSpool() async throws {
            let folder = try TemporaryFolder()
            let service = try start(sockDir: folder.path, spool: "/dev/null/spool")
            #expect(try await service.waitForExit() == .exited(78))
            #expect(service.log.contains("spool.path"))
        }

        @Test("it ends in its bound while opens hang")
        func ends() async throws {
            let folder = try TemporaryFolder()
            let silent = try SilentListener()
            let hosts = (0..<20).map { (name: "silent\($0)", uri: "test+tcp://127.0.0.1:\(silent.port)/default") }
            let service = try start(hosts, sockDir: folder.path, arguments: ["--connect-fast", "200s"])
            try await service.waitForLog("it runs") { $0["message"] == "Starting" }
            #expect(try await service.stop(within: .seconds(40)) == .exited(0))
        }

        @Test("a second signal ends it at once, whatever the first one waits for", .needs(.libvirtd))
        func secondSignal() async throws {
            let folder = try TemporaryFolder()
            let daemon = try await PrivateLibvirtd.started()
            let patience = ["--connect-fast", "60s", "--stop-timeout", "200s"]
            let service = try start([("frozen", daemon.uri(.unix))], sockDir: folder.path, arguments: patience)
            try await service.waitForLog("the host is up") { $0["message"] == "Host up" }
            // Closing its connection now takes until keepalive gives it up, 20 s.
            daemon.freeze()
            service.signal(SIGTERM)
            try await service.waitForLog("it is stopping") { $0["message"] == "Stopping" }
            service.signal(SIGINT)
            #expect(try await service.waitForExit(within: .seconds(15)) == .exited(1))
            daemon.thaw()
        }
    }
}
