import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// What becomes of events when the disk of the journal, or the clock, is not what it should be.
    @Suite("endures its machine", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct EnduringMachine {
        private func salt() throws -> SaltInstallation { try #require(SaltInstallation.all.first) }

        @Test(
            "a disk of four megabytes and no master: the oldest give way, each is accounted for, the rest arrives in order"
        )
        func smallDisk() async throws {
            let bench = try await Bench(salt())
            let daemon = try await PrivateLibvirtd.started()
            await bench.listener.stop()
            await bench.master.stop()
            let site = try await PrivateSite(bytes: 4 << 20)
            let service = try ServiceProcess(
                hosts: [("kvm01", daemon.uri(.tcp))],
                sockDir: bench.master.sockDir,
                spool: site.disk.path,
                at: site.place
            )
            try await service.waitForLog("the host is up") { $0["message"] == "Host up" }
            let caused = 12_000
            try await Virsh.script((0..<caused / 2).flatMap { _ in ["suspend test", "resume test"] }, on: daemon)
            // A machine that is busy may hear more at once than has room on the way to the journal.
            let missed = try await eventually("all are heard", within: .seconds(60), detail: { service.log }) {
                let ledger = try await service.status()["ledger"]
                let isOver = ledger?["callbacks"] == .integer(Int64(caused)) && ledger?["under_way"] == 0
                return isOver ? ledger?["dropped"]?["in_flight"]?.integer : nil
            }
            try await service.waitForLog("it says what was given up") { $0["message"] == "Events given up" }
            let full = try await service.status()
            #expect(full["ledger"]?.isBalancedLedger == true, "\(full["ledger"] ?? .null)")
            #expect(full["spool"]?["state"] == "full")
            let dropped = try #require(full["ledger"]?["dropped"]?["room"]?.integer)
            #expect(dropped > 1_000)
            service.signal(SIGSTOP)
            try await bench.master.start()
            let listener = try await BusListener(bench.master)
            service.signal(SIGCONT)
            let shown = Locked("")
            try await eventually("the rest is sent", within: .seconds(120), detail: { shown.withLock { $0 } }) {
                let status = try await service.status()
                shown.withLock { $0 = "\(status)" }
                return status["ledger"]?["waiting"] == 0
            }
            let after = try await service.status()["ledger"]
            #expect(after?.isBalancedLedger == true, "\(after ?? .null)")
            let gone = try #require(after?["dropped"]?["room"]?.integer)
            // What was given up is the oldest: the last events are all there, in order, and then what it came to.
            let events = try await listener.wait(for: "what was left, and the gap") { events in
                Bench.events(of: "kvm01", "domain/lifecycle", in: events).count >= caused - Int(gone + missed)
                    && !Bench.events(of: "kvm01", "host/gap", in: events).isEmpty
            }
            let heard = Bench.events(of: "kvm01", "domain/lifecycle", in: events)
                .filter { $0.data["relay"]?["synthetic"] == nil }
            #expect(BusRecord(events).isAscending)
            #expect(missed > 0 || heard.last?.data["event"] == "resumed")
            let words = heard.reversed().map { $0.data["event"] }
            #expect(
                missed > 0 || words.enumerated().allSatisfy { $1 == ($0.isMultiple(of: 2) ? "resumed" : "suspended") }
            )
            #expect(Bench.events(of: "kvm01", "host/gap", in: events).last?.data["cause"] == "dropped")
            try await listener.wait(for: "it is told on the bus") { events in
                events.contains {
                    $0.tag == "\(Bench.prefix)/aggregator/dropped"
                        && ($0.data["counts"]?["room"]?.integer ?? 0) > 0
                        && ($0.data["hosts"]?["kvm01"]?.integer ?? 0) > 0
                }
            }
            #expect(try await service.stop() == .exited(0))
        }

        @Test(
            "a disk that takes nothing: the service goes on in memory and says so, and back to the disk when there is room"
        )
        func failingDisk() async throws {
            let site = try await PrivateSite(bytes: 8 << 20)
            let bench = try await FaultBench(salt(), place: site.place, spool: site.disk.path)
            try await bench.flow(200)
            try await site.fillDisk()
            try await bench.service.waitForLog("it goes on in memory", within: .seconds(90)) {
                $0["message"]?.string?.hasPrefix("Journal is kept in memory") == true
            }
            try await bench.flow(2_000)
            let status = try await bench.service.status()
            #expect(status["spool"]?["state"] == "memory")
            #expect(status["ledger"]?.isBalancedLedger == true, "\(status["ledger"] ?? .null)")
            // Who looks back meanwhile is not told that the disk has what is so now.
            let look = try await run(
                [
                    ServiceProcess.binary, "state", "--json", "--spool-path", site.disk.path, "--run-dir",
                    bench.service.folder.file("run"),
                ],
                at: site.place
            )
            #expect(look.errors.contains("in the service's memory"), "\(look)")
            let hosts = try JSONValue(parsing: Data(look.output.utf8))["hosts"]?.array
            #expect(hosts?.map { $0["heard"] } == [false], "\(look)")
            site.clearDisk()
            try await bench.service.waitForLog("it is on the disk again") {
                $0["message"] == "Journal is on the disk again"
            }
            #expect(try await bench.service.status()["spool"]?["state"] == "disk")
            try await bench.flow(200)
            try await bench.expectNothingLost(maybeDropped: true)
        }

        @Test(
            "a disk that hangs without a word: log and status say so, hosts are still shown, and nothing is lost",
            .enabled(if: PrivateSite.canHang)
        )
        func hangingDisk() async throws {
            let site = try await PrivateSite(bytes: 32 << 20, kind: .ext4)
            let bench = try await FaultBench(salt(), place: site.place, spool: site.disk.path)
            try await bench.flow(200)
            try await site.whileDiskHangs {
                try await bench.service.waitForLog("the log says so") {
                    $0["message"]?.string?.hasPrefix("Journal's disk does not answer") == true
                }
                let reply = try await bench.service.answer(to: "status", ["--max-time", "30"])
                #expect(reply["error"]?["code"] == "disk-silent", "\(reply)")
                #expect(try await bench.service.host(FaultBench.host)["phase"] == "up")
            }
            try await bench.service.waitForLog("its return is said") { $0["message"] == "Journal's disk answers again" }
            try await bench.flow(200)
            try await bench.expectNothingLost(maybeDropped: true)
        }

        @Test("a journal that is damaged is put aside and begun anew, which is said, and events go on")
        func damagedJournal() async throws {
            let folder = try TemporaryFolder()
            try Data(repeating: 0x2a, count: 100_000).write(to: URL(fileURLWithPath: folder.file("spool.sqlite")))
            let bench = try await FaultBench(salt(), spool: folder.path)
            let line = try await bench.service.waitForLog("it says so") {
                $0["message"]?.string?.hasPrefix("Journal was damaged") == true
            }
            let aside = try #require(line["moved_to"]?.string)
            #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == Data(repeating: 0x2a, count: 100_000))
            try await bench.flow(200)
            try await bench.expectNothingLost()
        }

        @Test("a clock that is set a day forward, two days back, and right: nothing is lost, and the order stays")
        func clock() async throws {
            let clock = try await WrongClock()
            let bench = try await FaultBench(salt(), environment: clock.environment)
            for days: Int64 in [1, -1, 30, 0] {
                try await bench.flow(300)
                try clock.set(offBy: days * 86_400)
            }
            try await bench.flow(300)
            try await bench.expectNothingLost()
            let days = Set(bench.observed.map { $0.prefix(10) })
            #expect(days.count >= 4, "\(days)")
        }
    }
}
