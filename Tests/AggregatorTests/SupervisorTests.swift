import Connections
import Logging
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Supervisor", .timeLimit(.minutes(10)))
struct SupervisorTests {
    let driver = FakeDriver()
    let records = Records()
    let supervisor: Supervisor
    let stored = Stored()

    /// What is in the spool of pauses.
    final class Stored: Sendable {
        let pauses = Mutex<[HostPause]>([])
        let works = Atomic<Bool>(true)
    }

    /// What went into the journal.
    final class Records: Sendable {
        let all = Mutex<[SpoolRecord]>([])
    }

    let scheduler = ManualScheduler()
    let log = RecordingLog()

    init() throws {
        supervisor = try Self.supervisor(
            driver,
            scheduler,
            records,
            stored,
            pauses: ["old": Pause(by: "before"), "gone": Pause(by: "before")],
            memories: [
                "m": HostMemory(heard: LastHeard(connection: Self.past), uuid: "u0"),
                "gone": HostMemory(heard: LastHeard(connection: Self.past), uuid: "u9"),
            ],
            logger: log.logger
        )
    }

    static func supervisor(
        _ driver: FakeDriver,
        _ scheduler: ManualScheduler,
        _ records: Records,
        _ stored: Stored,
        pauses: [String: Pause] = [:],
        states: [String: HostState] = [:],
        memories: [String: HostMemory] = [:],
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> Supervisor {
        let journal = Journal(
            linger: .zero,
            scheduler: scheduler,
            logger: logger,
            store: JournalStore { new in
                records.all.withLock { $0 += new.records }
                return Appended(last: 0)
            },
            appended: { _ in }
        )
        let store = PauseStore { pauses throws(SpoolError) in
            guard stored.works.load(ordering: .relaxed) else {
                throw SpoolError(code: .failed, message: "scripted", hint: "")
            }
            stored.pauses.withLock { $0 = pauses }
        }
        return Supervisor(
            environment: WatcherEnvironment(
                driver: driver,
                pool: BlockingPool(scheduler: scheduler),
                scheduler: scheduler,
                now: { now },
                logger: logger
            ),
            relay: try Relay(instance: "0000000000000001", tagPrefix: TagPrefix.standard, journal: journal),
            store: store,
            pauses: pauses,
            states: states,
            memories: memories
        )
    }

    /// The wall clock, which stands still.
    static let now = Timestamp(microseconds: 1_795_336_099_265_359)
    static let past = now + .seconds(-60)
    static let future = now + .seconds(3600)

    /// What was said of hosts, in order.
    var said: [String] {
        records.all.withLock { $0.filter { $0.object == "host" }.map { "\($0.host) \($0.kind)" } }
    }

    /// Who is named in what was said last of this kind.
    func saidLast(_ kind: String) -> String? {
        records.all.withLock { $0.last { $0.kind == kind }.map { String(decoding: $0.bytes, as: UTF8.self) } }
    }

    func host(_ name: String, uri: String = "test:///default", labels: [String: String] = [:]) throws
        -> InventoryHost
    {
        InventoryHost(
            host: Host(name: name, uri: try LibvirtURI(uri)),
            labels: Labels(labels),
            tagPrefix: TagPrefix.standard,
            filter: .all
        )
    }

    func areUp(_ names: String...) async throws {
        try await eventually("\(names) are up") {
            let snapshot = await supervisor.snapshot()
            return snapshot.keys.sorted() == names && snapshot.values.allSatisfy { $0.phase == .up }
        }
    }

    @Test("what a former life heard of a host is known until it is heard again, through a reload, and goes with it")
    func memories() async throws {
        driver.script(.fail(.refused), .fail(.refused))
        let before = [try host("m")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: before))
        #expect(await supervisor.memories() == ["m": HostMemory(heard: LastHeard(connection: Self.past), uuid: "u0")])
        let after = [try host("m", uri: "test:///other")]
        try await supervisor.apply(Reconciliation.plan(running: before, wanted: after))
        #expect(await supervisor.memories()["m"]?.heard.connection == Self.past)
        try await eventually("it has another watcher") { await supervisor.snapshot()["m"]?.phase == .down }
        #expect(await supervisor.memories()["m"]?.heard.connection == Self.past)
        try await supervisor.apply(Reconciliation.plan(running: after, wanted: []))
        #expect(await supervisor.memories() == [:])
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("what was lost of a host is not forgotten when a reload gives it another watcher")
    func lost() async throws {
        driver.script(.fail(.refused), .fail(.refused))
        let before = [try host("m")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: before))
        let lost = Lost(from: Self.past, objects: [.init(.domain, .uuid(ObjectUUID(number: 7)))])
        await supervisor.resync(["m": lost, "gone": lost])
        #expect(await supervisor.untold() == ["m"])
        let after = [try host("m", uri: "test:///other")]
        try await supervisor.apply(Reconciliation.plan(running: before, wanted: after))
        #expect(await supervisor.untold() == ["m"])
        try await eventually("it has another watcher") { await supervisor.snapshot()["m"]?.phase == .down }
        try await eventually("that one knows it") {
            await supervisor.snapshot()["m"]?.isUntold == true
        }
        try await supervisor.apply(Reconciliation.plan(running: after, wanted: []))
        try await eventually("and nobody does") { await supervisor.untold().isEmpty }
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("who the hosts are is told where it is odd, once, and stands in what is known of them")
    func identities() async throws {
        driver.identify(as: "u1")
        let hosts = [try host("m"), try host("n")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: hosts))
        try await eventually("both have said who they are") {
            await supervisor.snapshot().values.allSatisfy { $0.hostUUID == "u1" }
        }
        for _ in 0..<2 {
            let (shared, changes) = await supervisor.lookAtIdentities()
            #expect(shared == [Identities.Shared(uuid: "u1", hosts: ["m", "n"])])
            #expect(changes == [Identities.Change(host: "m", before: "u0", after: "u1", at: Self.now)])
        }
        #expect(log.count(of: "One hypervisor has several names: its events come under each") == 1)
        #expect(log.count(of: "Another hypervisor answers under this name") == 1)
        #expect(await supervisor.entries().map(\.doubts.count) == [2, 1])
        #expect(await supervisor.memories().compactMapValues(\.uuid) == ["m": "u1", "n": "u1"])
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("who a host says it is is noted once what is known of it has been compared, through a reload, too")
    func compared() async throws {
        var state = HostState()
        _ = state.replace(.domain, with: [.domain("a")], at: Self.past)
        let supervisor = try Self.supervisor(
            driver,
            scheduler,
            records,
            stored,
            states: ["m": state],
            memories: ["m": HostMemory(heard: LastHeard(connection: Self.past), uuid: "u0")]
        )
        driver.identify(as: "u1")
        driver.holdListings(of: .domain)
        let before = [try host("m")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: before))
        try await eventually("it has said who it is") { await supervisor.snapshot()["m"]?.hostUUID == "u1" }
        await supervisor.lookAtIdentities()
        #expect(await supervisor.memories()["m"]?.uuid == "u0")
        driver.script(.fail(.refused))
        try await supervisor.apply(
            Reconciliation.plan(running: before, wanted: [try host("m", uri: "test:///other")])
        )
        try await eventually("it has another watcher") { await supervisor.snapshot()["m"]?.phase == .down }
        #expect(await supervisor.memories()["m"]?.uuid == "u0")
        driver.letGoListings()
        scheduler.advance(by: .seconds(1))
        try await eventually("it is compared") { await supervisor.memories()["m"]?.uuid == "u1" }
        #expect(await supervisor.stop(within: .seconds(5)))
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
        let supervisor = try Self.supervisor(hanging, scheduler, records, stored)
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

    @Test("a host that leaves and comes back again and again while it lets go is said to be down once")
    func oneGoodbye() async throws {
        let hanging = FakeDriver(.hangThenSucceed)
        let supervisor = try Self.supervisor(hanging, scheduler, records, stored)
        let hosts = [try host("a")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: hosts))
        try await eventually("it opens") { hanging.attempts == 1 }
        for _ in 0..<3 {
            try await supervisor.apply(Reconciliation.plan(running: hosts, wanted: []))
            try await supervisor.apply(Reconciliation.plan(running: [], wanted: hosts))
        }
        hanging.release()
        try await eventually("it is back") { said.last == "a up" }
        #expect(said == ["a down", "a up"], "a first sight, without a gap")
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a host that was removed is seen for the first time when it comes back, however soon, and has no gap")
    func removedAndBack() async throws {
        let hanging = FakeDriver(.hangThenSucceed)
        let heard = HostMemory(heard: LastHeard(connection: Self.past))
        let supervisor = try Self.supervisor(hanging, scheduler, records, stored, memories: ["a": heard])
        let hosts = [try host("a")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: hosts))
        try await eventually("it opens") { hanging.attempts == 1 }
        try await supervisor.apply(Reconciliation.plan(running: hosts, wanted: []))
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: hosts))
        hanging.release()
        try await eventually("it is listed") { hanging.listed.count == EventKind.Object.allCases.count }
        #expect(await supervisor.stop(within: .seconds(5)))
        #expect(said == ["a down", "a up"])
    }

    @Test("once it stops it takes no plan any more")
    func stopped() async throws {
        #expect(await supervisor.stop(within: .seconds(5)))
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: [try host("a")]))
        #expect(await supervisor.entries().isEmpty)
        #expect(driver.attempts == 0)
    }
}
