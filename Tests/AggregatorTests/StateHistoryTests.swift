import Connections
import Logging
import Spool
import TestSupport
import Testing

@testable import Aggregator

@Suite("States in the journal", .timeLimit(.minutes(10)))
struct StateHistoryTests {
    private static let moment = Timestamp(microseconds: 1_795_336_099_265_359)
    private static let running = ObjectState(name: "web", persistent: true, active: true, state: "running")

    static let changes = [
        StateChange(object: .domain, key: "6695eb01-f6a4-8304-79aa-97f2502e193f", state: running, at: moment),
        StateChange(object: .nodedev, key: "pci_0000", state: nil, at: moment),
        StateChange(object: .network, key: "", state: nil, at: moment),
        StateChange(object: .network, key: "", state: nil, at: moment, silence: .silent),
        StateChange(object: .network, key: "", state: nil, at: moment, silence: .forgotten),
        StateChange(object: .host, key: "", state: nil, at: moment),
    ]

    @Test("a change is a row, and the row the change", arguments: changes)
    func roundTrip(change: StateChange) {
        let row = SpoolChange(change, host: "kvm01")
        #expect(row.host == "kvm01")
        #expect(StateChange(row) == change)
    }

    @Test(
        "what is not there any more has a word",
        arguments: zip(changes, ["running", "gone", "unknown", "silent", "forgotten", "down"])
    )
    func words(change: StateChange, word: String) {
        #expect(SpoolChange(change, host: "kvm01").state == word)
    }

    @Test("a row that this build does not understand is left out")
    func unknown() {
        let row = SpoolChange(time: 0, host: "kvm01", object: "volume", key: "a", name: "a", state: "there")
        #expect(StateChange(row) == nil)
        #expect(HostState.byHost([row]).keys.sorted() == ["kvm01"])
    }

    /// A service's journal and supervisor on a real spool.
    private struct Life {
        let spool: Spool
        let journal: Journal
        let supervisor: Supervisor

        init(_ folder: TemporaryFolder, _ driver: FakeDriver) throws {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let spool = try Spool(folder: folder.file("spool"))
            self.spool = spool
            journal = Journal(
                scheduler: DispatchScheduler(),
                logger: logger,
                store: JournalStore(spool),
                appended: { _ in }
            )
            supervisor = Supervisor(
                environment: WatcherEnvironment(
                    driver: driver,
                    pool: BlockingPool(),
                    // Who could not connect does not try again while the test looks.
                    backoff: Backoff(base: .seconds(86_400), cap: .seconds(86_400)),
                    logger: logger
                ),
                relay: try Relay(instance: "0000000000000001", tagPrefix: TagPrefix.standard, journal: journal),
                store: PauseStore(spool),
                states: HostState.byHost(try spool.states()),
                memories: HostMemory.byHost(
                    try spool.hearings(),
                    try spool.identities(),
                    states: try spool.states(),
                    now: .now
                )
            )
        }

        /// What the history has of a host's domains: their names and states.
        func domains(_ host: String) throws -> [String] {
            HostState.byHost(try spool.states())[host]?.objects(of: .domain)?.values
                .map { "\($0.name) \($0.state)" }.sorted() ?? ["unknown"]
        }

        func apply(_ hosts: [InventoryHost], after running: [InventoryHost] = []) async throws {
            try await supervisor.apply(Reconciliation.plan(running: running, wanted: hosts))
        }

        func have(_ domains: String..., of host: String) async throws {
            try await eventually("\(host) has \(domains)", detail: { "\((try? self.domains(host)) ?? [])" }) {
                try self.domains(host) == domains
            }
        }

        func end() async {
            _ = await supervisor.stop(within: .seconds(10))
            await journal.flush()
        }
    }

    private func host(_ name: String, uri: String = "test:///default") throws -> InventoryHost {
        InventoryHost(
            host: Host(name: name, uri: try LibvirtURI(uri), kinds: [.domainLifecycle]),
            labels: Labels([:]),
            tagPrefix: TagPrefix.standard,
            filter: .all
        )
    }

    @Test("what is known of a host survives the service, its replacement by a reload, and not its leaving")
    func lives() async throws {
        let folder = try TemporaryFolder()
        let driver = FakeDriver()
        driver.show(.domain, .domain("web"), .domain("db", number: 8))
        let (a, b) = (try host("a"), try host("b"))
        var life: Life? = try Life(folder, driver)
        try await life?.apply([a, b])
        for name in ["a", "b"] { try await life?.have("db running", "web running", of: name) }
        driver.connections[0].emit("web", 3)
        driver.connections[1].emit("web", 3)
        for name in ["a", "b"] { try await life?.have("db running", "web paused", of: name) }
        await life?.end()
        let rows = try #require(try life?.spool.states())
        #expect(rows.filter { $0.object == "host" }.map(\.exists) == [false, false])
        life = nil

        // Nobody can be reached: what is known stays, but for the host that has left meanwhile.
        driver.script(.fail(.refused))
        // A timer of the journal may hold the spool for a moment more.
        life = try await eventually("the spool is free") { try? Life(folder, driver) }
        try await life?.apply([a])
        try await life?.have("unknown", of: "b")
        #expect(try life?.domains("a") == ["db running", "web paused"])

        let moved = try host("a", uri: "test:///elsewhere")
        driver.show(.domain, .domain("db", number: 8))
        try await life?.apply([moved], after: [a])
        try await life?.have("db running", of: "a")
        try await life?.apply([], after: [moved])
        try await life?.have("unknown", of: "a")
        await life?.end()
    }

    private static let event = HostReport.Body.event(
        HostEvent(
            kind: .domainLifecycle,
            subject: .domain(name: "web", id: 1, uuid: ObjectUUID(number: 7)),
            payload: .lifecycle(event: 2, detail: 0),
            observed: moment
        )
    )

    private func report(_ body: HostReport.Body, _ change: StateChange, synthetic: Synthesis? = nil) -> HostReport {
        HostReport(
            host: "a",
            sequence: 1,
            observed: Self.moment,
            uri: "test:///default",
            body: body,
            changes: [change],
            synthetic: synthetic
        )
    }

    /// What the journal writes of a host's reports.
    private func written(_ reports: [HostReport], _ inFlight: InFlight) async throws -> [SpoolBatch] {
        let batches = Locked<[SpoolBatch]>([])
        let journal = Journal(
            scheduler: DispatchScheduler(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            store: JournalStore { batch throws(SpoolError) in
                batches.withLock { $0.append(batch) }
                return Appended(last: Int64(batch.records.count))
            },
            appended: { _ in }
        )
        let relay = try Relay(instance: "0000000000000001", tagPrefix: TagPrefix.standard, journal: journal)
        let channel = try HostChannel(try host("a"), instance: relay.instance)
        relay.accept(reports, through: channel, inFlight: inFlight)
        await journal.flush()
        return batches.withLock { $0 }
    }

    @Test("a record and the change it leads to are one entry of the journal, a change without a record is one too")
    func together() async throws {
        let inFlight = InFlight()
        #expect(inFlight.enter())
        let reports = [report(Self.event, Self.changes[0]), report(.state, Self.changes[1])]
        let batches = try await written(reports, inFlight)
        #expect(batches.map { $0.records.map(\.kind) } == [["lifecycle"]])
        #expect(batches.first?.changes == Self.changes.prefix(2).map { SpoolChange($0, host: "a") })
        #expect(inFlight.current == 0)
    }

    @Test("an event that nobody told is no callback, and holds no place")
    func synthetic() async throws {
        let inFlight = InFlight()
        let synthesis = Synthesis(from: Self.moment, to: Self.moment)
        let batches = try await written([report(Self.event, Self.changes[0], synthetic: synthesis)], inFlight)
        #expect(batches.flatMap(\.records).count == 1)
        #expect(inFlight.current == 0)
        #expect(inFlight.counts == CallbackCounts())
    }

    @Test("of a service that was killed a host is not heard from its last proof on, not from the next start")
    func killed() async throws {
        let folder = try TemporaryFolder()
        let proof = Self.moment + .seconds(30)
        let (a, b) = (try host("a"), try host("b"))
        do {
            let spool = try Spool(folder: folder.file("spool"))
            let up = ["a", "b"].map { SpoolChange(StateChange.heard(at: Self.moment), host: $0) }
            try spool.append(SpoolBatch(changes: up))
            #expect(try spool.keep(HearingNote(hearings: [HostHearing(host: "a", time: proof.microseconds)])))
        }
        let life = try Life(folder, FakeDriver(.fail(.refused), .fail(.refused)))
        try await life.apply([a, b])
        try await eventually("both are told to be down") {
            await life.journal.flush()
            return try life.spool.states().count { $0.object == "host" && !$0.exists } == 2
        }
        let rows = try life.spool.states().filter { $0.object == "host" }
        #expect(rows.first { $0.host == "a" }?.time == proof.microseconds)
        // Nothing was noted of it: then it is the last that is known.
        #expect(rows.first { $0.host == "b" }?.time == Self.moment.microseconds)
        #expect(await life.supervisor.memories()["a"]?.heard.connection == proof)
        await life.end()
    }
}

extension StateChange {
    fileprivate static func heard(at moment: Timestamp) -> StateChange {
        let up = ObjectState(name: "", persistent: false, active: true, state: ObjectState.Word.up)
        return StateChange(object: .host, key: "", state: up, at: moment)
    }
}
