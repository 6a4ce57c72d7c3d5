import Connections
import Logging
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Supervisor", .timeLimit(.minutes(1)))
struct SupervisorTests {
    private let driver = FakeDriver()
    private let records = Records()
    private let supervisor: Supervisor

    /// What went into the journal.
    private final class Records: Sendable {
        let all = Mutex<[SpoolRecord]>([])
    }

    init() throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let scheduler = ManualScheduler()
        let records = records
        let journal = Journal(
            scheduler: scheduler,
            logger: logger,
            append: { new in records.all.withLock { $0 += new } },
            appended: {}
        )
        let environment = WatcherEnvironment(
            driver: driver,
            pool: BlockingPool(scheduler: scheduler),
            scheduler: scheduler,
            logger: logger
        )
        let relay = try Relay(instance: "0000000000000001", tagPrefix: TagPrefix.standard, journal: journal)
        supervisor = Supervisor(environment: environment, relay: relay)
    }

    private func host(_ name: String, uri: String = "test:///default", labels: [String: String] = [:]) throws
        -> InventoryHost
    {
        InventoryHost(
            host: Host(name: name, uri: try LibvirtURI(uri)),
            labels: Labels(labels),
            tagPrefix: TagPrefix.standard,
            filter: .all
        )
    }

    private func areUp(_ names: String...) async throws {
        try await eventually("\(names) are up", within: .seconds(10)) {
            let snapshot = await supervisor.snapshot()
            return snapshot.keys.sorted() == names && snapshot.values.allSatisfy { $0.phase == .up }
        }
    }

    @Test("starts, changes, replaces and stops what the plan says, and leaves the rest its connection")
    func applies() async throws {
        let first = [try host("a"), try host("b"), try host("c")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: first))
        try await areUp("a", "b", "c")
        #expect(driver.connections.count == 3)

        let second = [
            try host("a", labels: ["rack": "r1"]), try host("b", uri: "test:///other"), try host("d"),
        ]
        try await supervisor.apply(Reconciliation.plan(running: first, wanted: second))
        try await areUp("a", "b", "d")
        #expect(driver.connections.count == 5, "a kept its connection")
        #expect(driver.connections.count { $0.isClosed } == 2, "b's first and c's were closed")
        #expect(await supervisor.stop(within: .seconds(5)))
        #expect(driver.connections.count { !$0.isClosed } == 0)
        let all = records.all.withLock { $0 }
        let up = all.filter { $0.object == "host" && $0.kind == "up" }.map { "\($0.host) host/up" }.sorted()
        let ids = all.map { String(decoding: $0.bytes, as: UTF8.self).firstMatch(of: #/0{15}1/[a-z_]+/\d+/#)?.output }
        #expect(Set(ids).count == all.count, "no relay.id comes twice")
        #expect(up == ["a host/up", "b host/up", "b host/up", "c host/up", "d host/up"])
    }
}
