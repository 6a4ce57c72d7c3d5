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
    private let stored = Stored()

    /// What is in the spool of pauses.
    private final class Stored: Sendable {
        let pauses = Mutex<[HostPause]>([])
        let works = Atomic<Bool>(true)
    }

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
        let stored = stored
        let store = PauseStore { pauses throws(SpoolError) in
            guard stored.works.load(ordering: .relaxed) else {
                throw SpoolError(code: .failed, message: "scripted", hint: "")
            }
            stored.pauses.withLock { $0 = pauses }
        }
        supervisor = Supervisor(
            environment: environment,
            relay: relay,
            store: store,
            pauses: ["old": Pause(by: "before", until: nil), "gone": Pause(by: "before", until: nil)]
        )
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

    @Test("a host that is replaced while it is down is watched at its new address, whatever else the reload does")
    func replacesWhileDown() async throws {
        for round in 0..<20 {
            let name = "h\(round)"
            driver.script(.fail(.refused))
            let before = [try host(name, uri: "test:///old")]
            try await supervisor.apply(Reconciliation.plan(running: [], wanted: before))
            try await eventually("it is down") { await supervisor.snapshot()[name]?.phase == .down }
            let beside = try (0..<5).map { try host("other\(round)-\($0)") }
            try await supervisor.apply(Reconciliation.plan(running: [], wanted: beside))
            let changed = try (0..<5).map { try host("other\(round)-\($0)", labels: ["rack": "r1"]) }
            let after = [try host(name, uri: "test:///new")] + changed
            try await supervisor.apply(Reconciliation.plan(running: before + beside, wanted: after))
            try await eventually("it is up") { await supervisor.snapshot()[name]?.phase == .up }
            #expect(await supervisor.snapshot()[name]?.facts?.uri == "test:///new")
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
        try await eventually("b's first and c's were closed") { driver.connections.count { $0.isClosed } == 2 }
        #expect(await supervisor.stop(within: .seconds(5)))
        #expect(driver.connections.count { !$0.isClosed } == 0)
        let all = records.all.withLock { $0 }
        let up = all.filter { $0.object == "host" && $0.kind == "up" }.map { "\($0.host) host/up" }.sorted()
        let ids = all.map { String(decoding: $0.bytes, as: UTF8.self).firstMatch(of: #/0{15}1/[a-z_]+/\d+/#)?.output }
        #expect(Set(ids).count == all.count, "no relay.id comes twice")
        #expect(up == ["a host/up", "b host/up", "b host/up", "c host/up", "d host/up"])
        let down = all.filter { $0.kind == "down" }
        #expect(down.map(\.host) == ["c"], "only who left for good is said to be down")
        #expect(down.first.map { String(decoding: $0.bytes, as: UTF8.self).contains("inventory") } == true)
    }

    @Test("a host that does not let go of its connection keeps nobody waiting but its own successor")
    func slowLeaver() async throws {
        let hanging = FakeDriver(.hangThenSucceed)
        let supervisor = try bench(hanging)
        let first = [try host("slow")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: first))
        try await eventually("it opens") { hanging.attempts == 1 }
        let second = [try host("slow", uri: "test:///other"), try host("new")]
        try await supervisor.apply(Reconciliation.plan(running: first, wanted: second))
        try await eventually("the new one is up") { await supervisor.entry(of: "new")?.status.phase == .up }
        #expect(await supervisor.entry(of: "slow")?.status.phase == .connecting)
        #expect(hanging.attempts == 2)
        // It changes its mind meanwhile: what is wanted last is what comes.
        let third = [try host("slow", uri: "test:///third"), try host("new")]
        try await supervisor.apply(Reconciliation.plan(running: second, wanted: third))
        hanging.release()
        try await eventually("its successor is up") { await supervisor.entry(of: "slow")?.status.phase == .up }
        #expect(hanging.connections.last?.facts.uri == "test:///third")
        #expect(hanging.attempts == 3)
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a pause is stored before it holds, is shown, and goes over to a successor; those of hosts that are gone go")
    func pauses() async throws {
        let first = [try host("a"), try host("old")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: first))
        #expect(await supervisor.entry(of: "old")?.status.pause?.by == "before")
        let later = Timestamp(microseconds: Timestamp.now.microseconds + 3_600_000_000)
        #expect(try await supervisor.pause("a", Pause(by: "op", until: later)))
        let names = stored.pauses.withLock { $0.map(\.host).sorted() }
        #expect(names == ["a", "old"])
        #expect(try await !supervisor.pause("nobody", Pause(by: "op")))

        let second = [try host("a", uri: "test:///other"), try host("old")]
        try await supervisor.apply(Reconciliation.plan(running: first, wanted: second))
        try await areUp("a", "old")
        #expect(await supervisor.entry(of: "a")?.status.pause == Pause(by: "op", until: later))

        stored.works.store(false, ordering: .relaxed)
        await #expect(throws: SpoolError.self) { try await supervisor.resume("a", by: "op") }
        #expect(await supervisor.entry(of: "a")?.status.pause != nil)
        stored.works.store(true, ordering: .relaxed)
        #expect(try await supervisor.resume("a", by: "op"))
        #expect(await supervisor.entry(of: "a")?.status.pause == nil)
        #expect(stored.pauses.withLock { $0.map(\.host) } == ["old"])
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a pause that is over is neither shown nor kept")
    func expired() async throws {
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: [try host("a"), try host("b")]))
        #expect(try await supervisor.pause("a", Pause(by: "op", until: Timestamp(microseconds: 1))))
        #expect(await supervisor.entry(of: "a")?.status.pause == nil)
        #expect(try await supervisor.pause("b", Pause(by: "op")))
        #expect(stored.pauses.withLock { $0.map(\.host) } == ["b"])
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    private func bench(_ driver: FakeDriver) throws -> Supervisor {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let scheduler = ManualScheduler()
        let journal = Journal(scheduler: scheduler, logger: logger, append: { _ in }, appended: {})
        return Supervisor(
            environment: WatcherEnvironment(
                driver: driver,
                pool: BlockingPool(scheduler: scheduler),
                scheduler: scheduler,
                logger: logger
            ),
            relay: try Relay(instance: "0000000000000001", tagPrefix: TagPrefix.standard, journal: journal),
            store: PauseStore { _ in }
        )
    }
}
