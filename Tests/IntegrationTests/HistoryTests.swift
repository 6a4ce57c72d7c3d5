import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// Looking back with the commands, on a real daemon and a real master's bus.
    @Suite("remembers", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Remembering {
        private func salt() throws -> SaltInstallation { try #require(SaltInstallation.all.first) }

        /// Runs a command that reads the service's spool.
        private func look(_ arguments: String..., at service: ServiceProcess) async throws -> CommandResult {
            try await run([ServiceProcess.binary] + arguments + ["--spool-path", service.folder.file("spool")])
        }

        private func lines(_ result: CommandResult) throws -> [JSONValue] {
            try result.output.split(separator: "\n").map { try JSONValue(parsing: Data($0.utf8)) }
        }

        /// The wall clock as commands take it.
        private func time() -> String {
            Date().ISO8601Format(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        }

        @Test("events are shown as they went to the bus, while the service runs and when it does not")
        func events() async throws {
            let bench = try await Bench(salt())
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(hosts: [("kvm01", daemon.uri(.tcp))], sockDir: bench.master.sockDir)
            try await bench.wait(of: "host/up", from: "kvm01")
            try await Virsh.script(["suspend test", "resume test", "suspend test"], on: daemon)
            let sent = try await bench.wait(3, of: "domain/lifecycle", from: "kvm01")
            for isRunning in [true, false] {
                if !isRunning { #expect(try await service.stop() == .exited(0)) }
                let all = try await lines(look("events", "--kind", "domain/lifecycle", "--json", at: service))
                #expect(all.count == sent.count)
                for (shown, event) in zip(all, sent) {
                    #expect(shown["tag"]?.string == "\(Bench.prefix)/kvm01/\(event.tag)")
                    var data = event.data.object ?? [:]
                    data.removeValue(forKey: "_stamp")
                    #expect(shown["data"] == .object(data))
                }
                let uuid = try #require(sent.first?.data["domain"]?["uuid"]?.string)
                for domain in ["test", "t?st", uuid] {
                    let found = try await look("events", "--domain", domain, at: service)
                    #expect(found.status == .exited(0), "\(found)")
                    #expect(found.output.contains(#/kvm01 +domain +suspended +test +paused/#), "\(found)")
                }
                let other = try await look("events", "--domain", "other", "--host", "kvm*", at: service)
                #expect(other.status == .exited(0))
                #expect(other.output == "" && other.errors == "no such event is kept\n")
                let last = try await look("events", "--limit", "2", "--kind", "lifecycle", at: service)
                #expect(last.output.split(separator: "\n").count == 3, "\(last)")
                #expect(last.errors.contains("--limit 0"))
                #expect(try await look("events", "--dead", at: service).output == "")
            }
            // What the reading has left is in nobody's way.
            let next = try ServiceProcess(
                hosts: [("kvm01", daemon.uri(.tcp))],
                sockDir: bench.master.sockDir,
                spool: service.folder.file("spool")
            )
            try await bench.wait(2, of: "host/up", from: "kvm01")
            #expect(try await next.stop() == .exited(0))
        }

        @Test("the state is what it was at the time, and unknown before the first listing")
        func state() async throws {
            let bench = try await Bench(salt())
            let daemon = try await PrivateLibvirtd.started()
            let before = time()
            let service = try ServiceProcess(hosts: [("kvm01", daemon.uri(.tcp))], sockDir: bench.master.sockDir)
            try await bench.wait(of: "host/up", from: "kvm01")
            func report(_ time: String) async throws -> JSONValue {
                let result = try await look("state", "--at", time, "--domain", "test", "--json", at: service)
                #expect(result.status == .exited(0), "\(result)")
                return try JSONValue(parsing: Data(result.output.utf8))
            }
            func states(_ time: String) async throws -> [JSONValue] {
                try await report(time)["objects"]?.array?.compactMap { $0["state"] } ?? []
            }
            try await eventually("the domains are listed") { try await states("now") == ["running"] }
            let running = time()
            try await Virsh.script(["suspend test"], on: daemon)
            try await bench.wait(of: "domain/lifecycle", from: "kvm01")
            let paused = time()
            for isRunning in [true, false] {
                if !isRunning { #expect(try await service.stop() == .exited(0)) }
                #expect(try await states(running) == ["running"])
                #expect(try await states(paused) == ["paused"])
                let early = try await report(before)
                #expect(early["objects"] == [])
                #expect(early["hosts"]?.array?.first?["unknown"]?.array?.first?["object"] == "domain")
                let table = try await look("state", "--at", paused, "--object", "domain", at: service)
                #expect(table.output.contains(#/kvm01 +domain +test +paused +\S+Z +yes/#), "\(table)")
            }
            // Nobody has heard the host since the service ended.
            let silent = try await report("now")["objects"]?.array?.first
            #expect(silent?["state"] == "paused")
            #expect(silent?["not_heard_since"]?.string != nil)
            let wrong = try await look("state", "--at", "tomorrow", "--object", "host", at: service)
            #expect(wrong.status == .exited(64), "\(wrong)")
            #expect(wrong.errors.contains("--at") && wrong.errors.contains("--object"))
        }

        @Test("a replay arrives with the ids of the first time and its mark; to ask what it would be changes nothing")
        func replay() async throws {
            let bench = try await Bench(salt())
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(hosts: [("kvm01", daemon.uri(.tcp))], sockDir: bench.master.sockDir)
            try await bench.wait(of: "host/up", from: "kvm01")
            try await Virsh.script(["suspend test", "resume test"], on: daemon)
            let first = try await bench.wait(2, of: "domain/lifecycle", from: "kvm01")
            func replay(_ arguments: String...) async throws -> CommandResult {
                try await run(
                    [ServiceProcess.binary, "replay"] + arguments + ["--admin-socket", service.adminSocket]
                )
            }
            let selection = ["--since", "1h", "--kind", "domain/lifecycle", "--host", "kvm01"]
            // An acknowledgement may be written a moment after the event was seen.
            let counted = try await eventually("both are settled") { () -> CommandResult? in
                let result = try await run(
                    [ServiceProcess.binary, "replay", "--dry-run", "--admin-socket", service.adminSocket] + selection
                )
                return result.output.hasPrefix("2 events") ? result : nil
            }
            #expect(counted.status == .exited(0))
            #expect(counted.output.contains("kinds: domain/lifecycle 2\nhosts: kvm01 2\n"), "\(counted)")
            #expect(try await replay("status").output.contains("no replay"))
            #expect(bench.events(of: "kvm01", "domain/lifecycle").count == 2)

            let refused = try await run(
                ["sh", "-c", "'\(ServiceProcess.binary)' replay --admin-socket '\(service.adminSocket)' </dev/null"]
            )
            #expect(refused.status == .exited(64), "\(refused)")
            #expect(refused.errors.contains("--yes"))

            let told = try await run(
                [ServiceProcess.binary, "replay", "--yes", "--by", "alice", "--admin-socket", service.adminSocket]
                    + selection
            )
            #expect(told.status == .exited(0), "\(told)")
            #expect(told.output == "2 of 2 events told again\n")
            let all = try await bench.wait(4, of: "domain/lifecycle", from: "kvm01")
            for (original, copy) in zip(first, all.suffix(2)) {
                #expect(original.data["relay"]?["replay"] == nil)
                var data = copy.data.object ?? [:]
                var relay = data["relay"]?.object ?? [:]
                #expect(relay.removeValue(forKey: "replay") == true)
                data["relay"] = .object(relay)
                data["_stamp"] = original.data["_stamp"]
                #expect(original.data == .object(data))
            }
            // A replay is no history: it is neither shown nor told again.
            let shown = try await lines(look("events", "--kind", "domain/lifecycle", "--json", at: service))
            #expect(shown.count == 2)
            let status = try await replay("status", "--json")
            let view = try JSONValue(parsing: Data(status.output.utf8))
            #expect(view["phase"] == "done")
            #expect(view["by"]?.string?.contains("alice") == true)
            #expect(try await service.stop() == .exited(0), "\(service.log)")
            #expect(!service.log.contains("not balanced"))
        }
    }
}
