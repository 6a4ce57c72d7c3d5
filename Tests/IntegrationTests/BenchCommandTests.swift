import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// `virt-aggregator bench` as whoever sizes a master meets it.
    @Suite("bench", .timeLimit(.minutes(10)))
    struct BenchCommand {
        private func bench(_ arguments: String...) async throws -> CommandResult {
            try await run([ServiceProcess.binary, "bench"] + arguments)
        }

        @Test("on a real master every event comes back, and nothing stays behind", .needs(.allSalt))
        func master() async throws {
            let bench = try await Bench(try #require(SaltInstallation.all.first))
            let folder = try TemporaryFolder()
            let result = try await self.bench(
                "--bus",
                "master",
                "--bus-sock-dir",
                bench.master.sockDir,
                "--events",
                "500",
                "--hosts",
                "10",
                "--folder",
                folder.path
            )
            #expect(result.status == .exited(0), "\(result)")
            let figures = try JSONValue(parsing: Data(result.output.utf8))
            #expect(figures["events"] == 500)
            #expect(figures["lost"] == 0)
            #expect((figures["rate"]?.integer ?? 0) > 0)
            // What a busy master is slow with is sent again.
            let events = try await bench.listener.wait(for: "all of them") { events in
                let own = events.filter { $0.tag.hasPrefix("virt-aggregator/bench/") }
                return Set(own.map { $0.data["relay"]?["id"] }).count == 500
            }
            #expect(!events.contains { $0.tag.hasPrefix(Bench.prefix) })
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }

        @Test("a signal ends it, and its folder goes")
        func interrupted() async throws {
            let folder = try TemporaryFolder()
            let journals = try folder.makeFolder("journals")
            let process = try RunningProcess(
                [ServiceProcess.binary, "bench", "--bus", "null", "--rate", "10", "--folder", journals],
                name: "bench",
                in: folder
            )
            let made = { try FileManager.default.contentsOfDirectory(atPath: journals).count }
            try await eventually("it is under way", detail: { process.log }) { try made() == 1 }
            process.signal(SIGINT)
            #expect(try await process.waitForExit() == .exited(1))
            #expect(process.log.contains("interrupted"))
            #expect(try made() == 0)
        }

        @Test(
            "what cannot be done is refused with its own code",
            arguments: [
                (["--bus", "null", "--events", "0"], 64), (["--bus", "nul"], 64), ([], 64),
                (["--bus", "null", "--idle", "--rate", "5"], 64), (["--bus", "null", "--bus-window", "0"], 64),
                (["--bus", "null", "--folder", "/nonexistent"], 78),
                (["--bus", "master", "--bus-sock-dir", "/nonexistent"], 69),
            ] as [([String], Int32)]
        )
        func refused(arguments: [String], code: Int32) async throws {
            let result = try await run([ServiceProcess.binary, "bench"] + arguments)
            #expect(result.status == .exited(code), "\(result)")
            #expect(result.output == "")
        }
    }
}
