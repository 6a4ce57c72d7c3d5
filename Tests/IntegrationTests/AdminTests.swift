import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// The admin socket, and the commands that ask over it, on hosts that need no daemon.
    @Suite("is administered", .timeLimit(.minutes(10)))
    struct Administered {
        private func started(_ arguments: String..., defaults: String = "") async throws -> ServiceProcess {
            let folder = try TemporaryFolder()
            let refusing = "test+tcp://127.0.0.1:1/default"
            let service = try ServiceProcess(
                hosts: [("node", "test:///default"), ("away", refusing)],
                defaults: defaults,
                sockDir: folder.path,
                arguments: arguments
            )
            try await waitForSocket(of: service)
            try await service.waitForLog("one is up") { $0["message"] == "Host up" }
            try await service.waitForLog("one is down") { $0["message"] == "Host down" }
            return service
        }

        @Test("hosts are listed and shown, for people and for machines")
        func shown() async throws {
            let service = try await started(defaults: "defaults: {labels: {rack: r7}}\n")
            let list = try await hosts(["hosts", "list"], of: service)
            #expect(list.status == .exited(0), "\(list)")
            #expect(list.errors == "")
            let lines = list.output.split(separator: "\n")
            #expect(lines.first?.contains(#/^NAME +PHASE +SINCE/#) == true)
            #expect(lines.contains { $0.contains(#/^away +down .* refused .* rack=r7$/#) })
            #expect(lines.contains { $0.contains(#/^node +up /#) })
            #expect(!list.output.contains("\u{1B}"))

            let words = ["hosts", "--phase", "down", "--label", "rack=r7", "--json"]
            // There is none while one is under way.
            try await eventually("its next attempt is shown", detail: { service.log }) {
                let down = try await hosts(words, of: service).checked()
                let away = try JSONValue(parsing: Data(down.output.utf8))["hosts"]?.array
                #expect(away?.compactMap { $0["name"] } == ["away"])
                #expect(away?.first?["reason"] == "refused")
                return away?.first?["next_attempt"]?.string?.hasSuffix("Z") == true
            }

            let show = try await hosts(["hosts", "show", "node"], of: service)
            #expect(show.output.contains(#/registered +domain/lifecycle/#))
            let json = try await hosts(["hosts", "show", "node", "--json"], of: service)
            #expect(try JSONValue(parsing: Data(json.output.utf8))["phase"] == "up")
            #expect(try await service.stop() == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: service.adminSocket))
        }

        @Test("a host that is not there, and a wrong word, end with their own codes and say what to write")
        func refused() async throws {
            let service = try await started()
            let unknown = try await hosts(["hosts", "show", "nodee"], of: service)
            #expect(unknown.status == .exited(1), "\(unknown)")
            #expect(unknown.errors.contains("write node"))
            for arguments in [["hosts", "pause", "node", "--for", "2"], ["hosts", "list", "--phase", "dwn"]] {
                let result = try await hosts(arguments, of: service)
                #expect(result.status == .exited(64), "\(result)")
            }
            #expect(try await service.stop() == .exited(0))
            let gone = try await hosts(["hosts", "list"], of: service)
            #expect(gone.status == .exited(69), "\(gone)")
            #expect(gone.errors.contains("not running"))
        }

        @Test("the status counts what there is")
        func status() async throws {
            let service = try await started()
            let status = try await service.status()
            #expect(status["hosts"]?["up"] == 1)
            #expect(status["hosts"]?["down"] == 1)
            #expect(status["bus"]?["state"] == "away")
            #expect(status["bus"]?["error"]?.string?.isEmpty == false)
            #expect(status["ledger"]?["waiting"] == status["ledger"]?["received"])
            #expect(status["inventory"]?["source"] == .string(service.inventory))
            #expect(try await service.stop() == .exited(0))
        }

        @Test("the socket is for its user and its group alone")
        func mode() async throws {
            let service = try await started()
            let attributes = try FileManager.default.attributesOfItem(atPath: service.adminSocket)
            #expect(attributes[.posixPermissions] as? Int == 0o660)
            if geteuid() == 0 {
                let result = try await run(
                    [ServiceProcess.binary, "hosts", "list", "--admin-socket", service.adminSocket],
                    as: .unprivileged
                )
                #expect(result.status == .exited(69), "\(result)")
                #expect(result.errors.contains("group"))
            }
            #expect(try await service.stop() == .exited(0))
        }

        @Test("a request that never ends and a bus that is away cost a short stop neither its last words nor its code")
        func shortStop() async throws {
            let service = try await started("--stop-timeout", "1s")
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: service.adminSocket.utf8) }
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            #expect(isConnected)
            let half = "POST /api/v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1"
            #expect(send(descriptor, half, half.utf8.count, 0) == half.utf8.count)
            #expect(try await service.stop() == .exited(0), "\(service.log)")
            #expect(service.log.contains("Stopped"))
            let spool = service.folder.file("spool")
            let files = try FileManager.default.contentsOfDirectory(atPath: spool)
            let words = Data("aggregator/stopped".utf8)
            #expect(
                try files.contains {
                    try Data(contentsOf: URL(filePath: "\(spool)/\($0)")).range(of: words) != nil
                }
            )
        }

        @Test("a second service on one admin socket ends with 69 and names the remedy; the first is asked as before")
        func taken() async throws {
            let first = try await started()
            let folder = try TemporaryFolder()
            let second = try ServiceProcess(
                hosts: [("node", "test:///default")],
                sockDir: folder.path,
                adminSocket: first.adminSocket
            )
            #expect(try await second.waitForExit() == .exited(69))
            #expect(second.log.contains("admin.socket"))
            #expect(try await hosts(["hosts", "list"], of: first).status == .exited(0))
            #expect(try await first.stop() == .exited(0))
        }

        @Test("a place that was asked for and cannot be used is an error of configuration; off is no place")
        func unusable() async throws {
            let folder = try TemporaryFolder()
            let service = try ServiceProcess(
                hosts: [("node", "test:///default")],
                sockDir: folder.path,
                adminSocket: "/dev/null/admin.sock"
            )
            #expect(try await service.waitForExit() == .exited(78))
            #expect(service.log.contains("run_dir"))
            let without = try ServiceProcess(
                hosts: [("node", "test:///default")],
                sockDir: folder.path,
                adminSocket: "off"
            )
            try await without.waitForLog("it runs") { $0["message"] == "Host up" }
            #expect(try await hosts(["hosts", "list"], of: without).status == .exited(69))
            #expect(try await without.stop() == .exited(0))
        }

        @Test(
            "where nobody said where the socket should be and there can be none, it warns and runs",
            .enabled(if: geteuid() == 0)
        )
        func standardPlace() async throws {
            let folder = try TemporaryFolder()
            let inventory = try folder.write("hosts: {node: 'test:///default'}\n", to: "inventory.yaml")
            try FileManager.default.copyItem(atPath: ServiceProcess.binary, toPath: folder.file("binary"))
            try folder.give(to: .unprivileged)
            let process = try RunningProcess(
                [
                    folder.file("binary"), "run", "--inventory", inventory, "--spool-path", folder.file("spool"),
                    "--bus-sock-dir", folder.path,
                ],
                name: "virt-aggregator",
                in: folder,
                as: .unprivileged
            )
            try await eventually("it is up", detail: { process.log }) { process.log.contains("Host up") }
            #expect(process.log.contains("No admin socket"))
            process.signal(SIGTERM)
            #expect(try await process.waitForExit() == .exited(0))
        }

        @Test("a hangup that comes while it starts neither ends it nor is lost")
        func earlyHangup() async throws {
            let folder = try TemporaryFolder()
            let service = try ServiceProcess(hosts: [("node", "test:///default")], sockDir: folder.path)
            try await eventually("it traps the signal") {
                let status = try String(contentsOfFile: "/proc/\(service.pid)/status", encoding: .utf8)
                let masks = status.split(separator: "\n").filter { $0.hasPrefix("SigCgt:") || $0.hasPrefix("SigIgn:") }
                return masks.contains { line in
                    line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }.map { $0 & 1 == 1 } ?? false
                }
            }
            service.signal(SIGHUP)
            try await service.waitForLog("it reloads") { $0["message"] == "Reloaded" && $0["trigger"] == "signal" }
            #expect(try await service.stop() == .exited(0))
        }
    }
}
