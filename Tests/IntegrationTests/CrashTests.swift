import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// The service killed at any moment: what it had committed is on the bus in the end.
    @Suite("crashes", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Crashing {
        private static let kills = 20
        private static let hosts = ["a", "b"]

        @Test(
            "killed twenty times in a flood, all that was committed is on the bus, in order, and the ledger knows of it"
        )
        func killed() async throws {
            let seed = UInt64.random(in: 1...999_999)
            print("crash: seed \(seed)")
            var random = SeededRandom(seed: seed)
            let master = try await SaltMaster.started(try #require(SaltInstallation.all.first))
            let audit = try await DeliveryAudit(master)
            let daemons = [try await PrivateLibvirtd.started(), try await PrivateLibvirtd.started()]
            let spool = try TemporaryFolder()
            let start = {
                try ServiceProcess(
                    hosts: [(Self.hosts[0], daemons[0].uri(.tcp)), (Self.hosts[1], daemons[1].uri(.unix))],
                    sockDir: master.sockDir,
                    spool: spool.path
                )
            }
            let floods = try daemons.map { try Virsh.flood(["suspend test", "resume test"], on: $0) }

            var waited = 0
            var inherited = 0
            for kill in 0..<Self.kills {
                let service = try start()
                // Every fifth dies somewhere in its start, or soon after; the others with events on their way.
                if kill % 5 > 0 {
                    try await waitUntilUp(service)
                    try await expectLedger(of: service, toHold: waited)
                }
                // The moment is the matter of this test, so there is no fact to wait for.
                try await passes(.milliseconds(Int.random(in: 0...500, using: &random)))
                try await service.kill()
                waited = try await audit.look(at: spool.path).waiting
                inherited += waited
                for flood in floods { try #require(flood.isRunning, "\(flood.log)") }
            }

            let last = try start()
            try await waitUntilUp(last)
            for flood in floods { flood.end() }
            // The daemons may have the flood's last events still when the service has none.
            let ledger = try await eventually("all is on the bus", within: .seconds(90), detail: { last.log }) {
                let ledger = try await settled("no more comes") { try await Ledger(of: last) }
                return ledger.waiting == 0 && ledger.underWay == 0 ? ledger : nil
            }
            #expect(try await last.stop() == .exited(0))
            let count = try await audit.look(at: spool.path)
            #expect(count.waiting == 0)
            // What it found, and what it heard itself; `aggregator/stopped` came after the ledger was read.
            #expect(ledger.received == waited + count.committed - 1)
            #expect(ledger.isBalanced, "\(ledger)")

            let outcome = try await eventually("the last event is recorded") {
                let outcome = try await audit.outcome()
                return outcome.ledgers.isEmpty ? nil : outcome
            }
            print(
                "crash: seed \(seed): kills \(Self.kills), ids committed \(outcome.committed),",
                "ids found \(outcome.found), waiting at a start \(inherited), repeats \(outcome.repeats)"
            )
            #expect(outcome.committed > 50 * Self.kills, "this was no flood")
            #expect(outcome.found == outcome.committed, "\(outcome)")
            #expect(inherited > 0, "no life left anything to the next one")
            // Only what waited at a start is sent once more, and once by each life.
            #expect(outcome.repeats <= inherited, "\(outcome)")
            #expect(outcome.strangers == 0, "\(outcome)")
            #expect(outcome.altered == 0, "\(outcome)")
            #expect(outcome.disordered == 0, "\(outcome)")
            #expect(outcome.ledgers.map { Ledger($0) } == [ledger], "aggregator/stopped tells the same")
        }

        private func waitUntilUp(_ service: ServiceProcess) async throws {
            try await service.waitForLog("it can be asked") { $0["message"] == "Admin socket ready" }
            for host in Self.hosts {
                try await service.waitForLog("\(host) is up") {
                    $0["message"] == "Host up" && $0["host"] == .string(host)
                }
            }
        }

        /// What was left by the life before is in the ledger of this one, beside what it has itself told of its start and of
        /// each host, and all that is in it has its place.
        private func expectLedger(of service: ServiceProcess, toHold waited: Int) async throws {
            let ledger = try await Ledger(of: service)
            #expect(ledger.received >= waited + 1 + Self.hosts.count, "\(waited) waited: \(ledger)")
            #expect(ledger.isBalanced, "\(ledger)")
        }
    }
}

extension ServiceTests.Crashing {
    /// What became of everything, as the service says.
    private struct Ledger: Equatable {
        let underWay, received, relayed, coalesced, dropped, dead, waiting: Int
        let isBalanced: Bool

        init(_ value: JSONValue) {
            func count(_ name: String) -> Int { Int(value[name]?.integer ?? 0) }
            underWay = count("under_way")
            received = count("received")
            relayed = count("relayed")
            coalesced = count("coalesced")
            dead = count("dead")
            waiting = count("waiting")
            // What found no place in flight was dropped before it was received.
            let drops = value["dropped"]?.object?.filter { $0.key != "in_flight" }
            dropped = Int(drops?.values.compactMap(\.integer).reduce(0, +) ?? 0)
            isBalanced = value.isBalancedLedger
        }

        init(of service: ServiceProcess) async throws {
            self.init(try await service.status()["ledger"] ?? .null)
        }
    }
}
