import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// What the documents tell people to type works.
    @Suite("documents", .timeLimit(.minutes(10)))
    struct Documents {
        /// The commands of every block of a document that is marked as shell.
        static let commands: [String] = [
            "README.md", "inventory/README.md", "ops/lab/README.md", "ops/salt/README.md",
        ].flatMap { name -> [String] in
            let text = (try? String(contentsOfFile: Repository.path(name), encoding: .utf8)) ?? ""
            return text.matches(of: #/(?s)```sh\n(.*?)```/#).flatMap {
                $0.output.1.split(separator: "\n").map(String.init)
            }
        }

        @Test("there are commands to run")
        func found() {
            #expect(Self.commands.contains("make demo"))
            #expect(Self.commands.contains { $0.hasPrefix("virt-aggregator run") })
        }

        @Test("a command of the documents works", arguments: commands)
        func works(command: String) async throws {
            let words = command.split(separator: " ").map(String.init)
            switch (words.first, words.dropFirst().first) {
            case ("make", let target?):
                let result = try await run(["make", "-n", target], workingFolder: Repository.root)
                #expect(result.status == .exited(0), "\(result)")
            case ("install", _):
                let folder = try TemporaryFolder()
                let moved = words.map { $0.hasPrefix("/") ? folder.file(String($0.dropFirst())) : $0 }
                try await run(moved, workingFolder: Repository.root).checked()
            case ("virt-aggregator", "run"):
                try await runs(Array(words.dropFirst()))
            case ("virt-aggregator", "events"), ("virt-aggregator", "state"), ("virt-aggregator", "replay"):
                try await looksBack(words.dropFirst().map { $0.replacing("'", with: "") })
            case ("virt-aggregator", _):
                let result = try await run(
                    [ServiceProcess.binary] + words.dropFirst(),
                    workingFolder: Repository.root
                )
                #expect(result.status == .exited(0), "\(result)")
            default:
                Issue.record("nobody knows how to try: \(command)")
            }
        }

        /// Runs a command that looks back, on what a service that runs has kept.
        private func looksBack(_ arguments: [String]) async throws {
            let folder = try TemporaryFolder()
            let service = try ServiceProcess(hosts: [("node", "test:///default")], sockDir: folder.path)
            try await service.waitForLog("it can be asked") { $0["message"] == "Admin socket ready" }
            let place =
                arguments.first == "replay"
                ? ["--admin-socket", service.adminSocket] : ["--spool-path", service.folder.file("spool")]
            let result = try await run([ServiceProcess.binary] + arguments + place)
            #expect(result.status == .exited(0), "\(result)")
            #expect(try await service.stop() == .exited(0))
        }

        /// Runs the service as written, but for the places where it would leave traces, until it is up.
        private func runs(_ arguments: [String]) async throws {
            let folder = try TemporaryFolder()
            let inventory = try folder.write("hosts: {node: 'test:///default'}\n", to: "inventory.yaml")
            let process = try RunningProcess(
                [ServiceProcess.binary] + arguments + [
                    "--inventory", inventory, "--spool-path", folder.file("spool"), "--bus-sock-dir", folder.path,
                    "--admin-socket", folder.file("admin.sock"),
                ],
                name: "virt-aggregator",
                in: folder
            )
            try await eventually("it is up", detail: { process.log }) { process.log.contains("Host up") }
            process.signal(SIGTERM)
            #expect(try await process.waitForExit() == .exited(0))
        }
    }
}
