import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// A service that may write to pull and not read pub, on masters of every series and of both framings.
    @Suite("relays without pub", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)), .enabled(if: geteuid() == 0))
    struct Blind {
        private static let masters = [
            (SaltInstallation("3006.28"), "length-prefixed"), (SaltInstallation("3007.14"), "bare"),
            (SaltInstallation("3008.3"), "length-prefixed"),
        ]

        /// Lets a user other than the master's send, and nobody but the master's read.
        private func give(_ master: SaltMaster, to account: Account) throws {
            var folder = master.sockDir
            while folder.count > master.folder.path.count {
                chmod(folder, 0o755)
                folder = (folder as NSString).deletingLastPathComponent
            }
            guard chown(master.pullSocket, account.user, account.group) == 0, chmod(master.pubSocket, 0o600) == 0 else {
                throw SystemError("chown or chmod")
            }
        }

        @Test(
            "told to, it relays what it writes, and says that nothing is proven; until then it says what to do",
            arguments: masters
        )
        func relays(salt: SaltInstallation, framing: String) async throws {
            let bench = try await Bench(salt)
            try give(bench.master, to: .unprivileged)
            let daemon = try await PrivateLibvirtd.started()
            let hosts = [("kvm01", daemon.uri(.tcp))]
            let refused = try ServiceProcess(hosts: hosts, sockDir: bench.master.sockDir, as: .unprivileged)
            let line = try await refused.waitForLog("it may not") { $0["message"] == "Bus unavailable" }
            #expect(line["error"]?.string?.contains("master_event_pub.ipc belongs to root with mode 0600") == true)
            #expect(line["error"]?.string?.contains("or set bus.confirm: write") == true, "\(line)")
            let before = try await refused.status()
            #expect(before["bus"]?["confirm"] == "echo", "\(before)")
            #expect(try await refused.stop() == .exited(0))

            let service = try ServiceProcess(
                hosts: hosts,
                sockDir: bench.master.sockDir,
                as: .unprivileged,
                arguments: ["--bus-confirm", "write", "--bus-framing", framing]
            )
            try await bench.wait(of: "host/up", from: "kvm01")
            let traffic = Traffic(on: daemon)
            try await bench.wait(100, of: "domain/lifecycle", from: "kvm01")
            let caused = try await traffic.stop()
            try await bench.wait(caused, of: "domain/lifecycle", from: "kvm01")
            let status = try await service.status()
            #expect(status["bus"]?["confirm"] == "write")
            #expect(status["bus"]?["framing"] == .string(framing))
            #expect(status["ledger"]?["waiting"] == 0)
            #expect(status["warnings"]?.array?.contains { $0.string?.contains("nothing proves") == true } == true)
            #expect(service.logLines.contains { $0["message"] == "Nothing proves what reaches the bus" })
            #expect(try await service.stop() == .exited(0))
            try await bench.listener.wait { $0.contains { $0.tag == "\(Bench.prefix)/aggregator/stopped" } }
        }

        @Test(
            "what is set wrong is told before anything starts",
            arguments: [
                (["--bus-confirm", "write"], "bus.framing: length-prefixed"),
                (["--bus-framing", "bare"], "bus.confirm: write"),
            ]
        )
        func misconfigured(arguments: [String], hint: String) async throws {
            let folder = try TemporaryFolder()
            let service = try ServiceProcess(
                hosts: [("node", "test:///default")],
                sockDir: folder.path,
                arguments: arguments
            )
            #expect(try await service.waitForExit() == .exited(64))
            #expect(service.log.contains(hint), "\(service.log)")
        }
    }
}
