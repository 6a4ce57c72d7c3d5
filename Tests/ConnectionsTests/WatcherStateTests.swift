import Connections
import TestSupport
import Testing

@Suite("Watcher: what is known of the objects", .timeLimit(.minutes(10)))
struct WatcherStateTests {
    private static let lifecycles = EventKind.Object.allCases.map { EventKind.lifecycle(of: $0) }
    private let key = ObjectKey.uuid(ObjectUUID(number: 7))

    private func domains(_ bench: WatcherBench) async -> [ObjectKey: ObjectState]? {
        await bench.watcher.state.objects(of: .domain)
    }

    private func isListed(_ bench: WatcherBench, _ count: Int, _ object: EventKind.Object = .domain) async throws {
        try await bench.until("\(object) is listed", detail: { "\(bench.driver.listed) \(bench.watcher.status)" }) {
            bench.driver.listed.count { $0 == object } == count
                && bench.watcher.status.classes[object]?.listed == Timestamp(microseconds: 0) + bench.scheduler.now
        }
    }

    @Test(
        "each class whose lifecycle is registered is listed once after each establishing"
    )
    func lists() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle, .networkLifecycle, .poolRefresh])
        bench.driver.show(.domain, .domain("a"))
        await bench.watcher.start()
        try await isListed(bench, 1)
        try await isListed(bench, 1, .network)
        #expect(bench.driver.listed == [.domain, .network])
        #expect(bench.watcher.status.classes[.domain]?.objects == 1)
        #expect(bench.watcher.status.classes[.pool] == nil)
        bench.driver.show(.domain, .domain("b", number: 8))
        bench.driver.connections[0].inlet.closed(.eof)
        try await bench.reports("up 1", "down eof")
        #expect(await domains(bench)?.count == 1, "unreachable is not gone")
        bench.scheduler.advance(by: .seconds(1))
        try await isListed(bench, 2)
        try await bench.reports("up 1", "down eof", "up 1")
        #expect(await domains(bench)?.values.map(\.name) == ["b"])
        await bench.watcher.stop()
        let host = bench.changes.filter { $0.object == .host }.map { $0.state != nil }
        #expect(host == [true, false, true, false])
        let objects = bench.changes.filter { $0.object == .domain }
        #expect(objects.map { $0.state?.name } == ["a", "", "a", nil, "b", "b"])
        try await bench.nothingIsPlanned()
    }

    @Test("an event changes the state in the report that tells of it")
    func events() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle])
        bench.driver.show(.domain, .domain("a"))
        await bench.watcher.start()
        try await isListed(bench, 1)
        bench.driver.connections[0].emit("a", 3)
        bench.driver.connections[0].emit("a", 3, 2)
        try await bench.reports("up 1", "a", "a")
        #expect(bench.reports.map { $0.changes.map(\.state?.state) } == [[], ["paused"], []])
        #expect(bench.reports.map(\.sequence) == [1, 2, 3])
        bench.driver.connections[0].emit("b", 2, number: 8)
        try await bench.reports("up 1", "a", "a", "b")
        #expect(bench.watcher.status.classes[.domain]?.objects == 2)
        await bench.watcher.stop()
    }

    @Test("an object that an event touches while it is listed is left to its events, and looked at again")
    func touched() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle])
        bench.driver.show(.domain, .domain("a"), .domain("b", number: 8))
        bench.driver.holdListings(of: .domain)
        await bench.watcher.start()
        try await eventually("it is being listed") { bench.driver.listed == [.domain] }
        bench.driver.connections[0].emit("a", 3)
        try await bench.reports("up 1", "a")
        bench.driver.show(.domain, .domain("a", Word.paused), .domain("b", number: 8))
        bench.driver.letGoListings()
        try await isListed(bench, 1)
        #expect(await domains(bench)?[key]?.state == Word.paused)
        try await eventually("it is to be looked at again") { bench.scheduler.pending == [.seconds(1)] }
        bench.scheduler.advance(by: .seconds(1))
        try await isListed(bench, 2)
        try await eventually("it has settled") { bench.scheduler.pending == [] }
        #expect(await domains(bench)?[key]?.state == Word.paused)
        await bench.watcher.stop()
    }

    @Test("an object that does not settle is looked at after 1, 2, 4, 8, 16 and 32 s, and then left to its events")
    func neverSettles() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle])
        bench.driver.show(.domain, .domain("b", number: 8), unsettled: [key])
        await bench.watcher.start()
        for (index, delay) in [1, 2, 4, 8, 16, 32].enumerated() {
            try await isListed(bench, index + 1)
            try await bench.retryIsScheduled(after: .seconds(delay))
            bench.scheduler.advance(by: .seconds(delay))
        }
        try await isListed(bench, 7)
        try await eventually("that was the last look") { bench.scheduler.pending == [] }
        #expect(await domains(bench)?.count == 1)
        await bench.watcher.stop()
    }

    @Test("a listing that fails changes nothing, says why, and is made again, later each time")
    func fails() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle], state: Self.known)
        bench.driver.failListing(of: .domain, ListingFailure("busy"))
        await bench.watcher.start()
        for delay in [3, 5, 9] {
            try await bench.retryIsScheduled(after: .seconds(delay))
            #expect(bench.watcher.status.classes[.domain]?.failure == "busy")
            #expect(bench.watcher.status.classes[.domain]?.objects == 1)
            #expect(await domains(bench)?.values.map(\.name) == ["old"])
            bench.scheduler.advance(by: .seconds(delay))
        }
        try await bench.retryIsScheduled(after: .seconds(17))
        bench.driver.show(.domain, .domain("a"))
        bench.scheduler.advance(by: .seconds(17))
        try await isListed(bench, 5)
        #expect(bench.watcher.status.classes[.domain]?.failure == nil)
        #expect(await domains(bench)?.values.map(\.name) == ["a"])
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    /// One domain, of a former life that ended without a word.
    private static var known: HostState {
        var state = HostState()
        _ = state.hear(true, at: Timestamp(microseconds: 0))
        _ = state.replace(.domain, with: [.domain("old", number: 8)], at: Timestamp(microseconds: 0))
        return state
    }

    @Test("what a former life knew is where it goes on")
    func formerLife() async throws {
        let bench = try WatcherBench(FakeDriver(.fail(.refused)), kinds: [.domainLifecycle], state: Self.known)
        bench.driver.show(.domain, .domain("old", number: 8), .domain("new"))
        #expect(bench.watcher.status.classes[.domain] == ClassStatus(objects: 1))
        await bench.watcher.start()
        try await bench.reports("down refused")
        #expect(bench.changes.map(\.object) == [.host])
        bench.scheduler.advance(by: .seconds(1))
        try await isListed(bench, 1)
        #expect(
            bench.changes.filter { $0.object == .domain }.map { $0.state?.name } == ["new", "new"],
            "defined, started"
        )
        await bench.watcher.stop()
    }

    @Test("a class that the driver does not have has no state, and is not asked for again")
    func unsupported() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: Self.lifecycles)
        bench.driver.failListing(of: .secret, ListingFailure("no such thing", isUnsupported: true))
        await bench.watcher.start()
        try await isListed(bench, 1, .pool)
        bench.driver.connections[0].deliver(
            .secretLifecycle,
            .secret(uuid: ObjectUUID(number: 1)),
            .lifecycle(event: 0, detail: 0)
        )
        try await bench.reports("up 1", "?")
        #expect(
            bench.watcher.status.classes.keys.sorted { $0.rawValue < $1.rawValue } == [
                .domain, .network, .nodedev, .pool,
            ]
        )
        #expect(await bench.watcher.state.count(of: .secret) == nil)
        #expect(bench.changes.allSatisfy { $0.object != .secret })
        try await bench.nothingIsPlanned()
        await bench.watcher.stop()
    }

    @Test("a class whose lifecycle is not wanted any more is forgotten, one that is away for the moment is kept")
    func kindsChange() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle, .networkLifecycle])
        bench.driver.show(.domain, .domain("a"))
        bench.driver.show(.network, .domain("n", number: 9))
        await bench.watcher.start()
        try await isListed(bench, 1, .network)
        var host = bench.host
        host.kinds = [.networkLifecycle]
        await bench.watcher.update(host)
        try await eventually("domains are forgotten") { await bench.watcher.state.count(of: .domain) == nil }
        #expect(bench.watcher.status.classes[.domain] == nil)
        host.kinds = [.domainLifecycle, .networkLifecycle]
        await bench.watcher.update(host)
        try await isListed(bench, 2)
        let about = bench.changes.filter { $0.object == .domain }.map { $0.state?.name }
        #expect(Set(about[2...3]) == [nil] && about.count == 6, "\(about)")

        bench.driver.refuse([.networkLifecycle])
        bench.driver.connections[0].inlet.closed(.eof)
        try await bench.reports("up 1", "down eof")
        bench.scheduler.advance(by: .seconds(1))
        try await isListed(bench, 3)
        #expect(bench.driver.listed.count { $0 == .network } == 1)
        #expect(await bench.watcher.state.count(of: .network) == 1)
        #expect(bench.changes.last { $0.object == .network }.map { $0.key == "" && $0.state == nil } == true)
        await bench.watcher.stop()
    }

    @Test("a host that leaves the inventory is forgotten, one that merely stops is not", arguments: [true, false])
    func leaves(isLeaving: Bool) async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle])
        bench.driver.show(.domain, .domain("a"))
        await bench.watcher.start()
        try await isListed(bench, 1)
        await bench.watcher.stop(because: isLeaving ? EstablishFailure(.inventory, "gone") : nil)
        #expect(await bench.watcher.state.count(of: .domain) == (isLeaving ? nil : 1))
        #expect(bench.changes.count { $0.state == nil } == (isLeaving ? 3 : 1))
    }

    @Test(
        "a host has one call outstanding: listings wait for a change of kinds that hangs, and go with their connection"
    )
    func oneCall() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle])
        await bench.watcher.start()
        try await isListed(bench, 1)
        let first = bench.driver.connections[0]
        first.hang()
        var host = bench.host
        host.kinds = [.domainLifecycle, .networkLifecycle]
        await bench.watcher.update(host)
        bench.driver.show(.domain, unsettled: [key])
        first.inlet.closed(.eof)
        try await bench.reports("up 1", "down eof")
        bench.driver.holdListings(of: .domain)
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("the next connection lists") { bench.driver.listed == [.domain, .domain] }
        host.kinds = [.domainLifecycle, .networkLifecycle, .poolLifecycle]
        await bench.watcher.update(host)
        #expect(bench.watcher.status.facts?.registered == [.domainLifecycle, .networkLifecycle])
        bench.driver.letGoListings()
        try await isListed(bench, 1, .pool)
        #expect(bench.driver.listed == [.domain, .domain, .network, .pool])
        first.release()
        await bench.watcher.stop()
    }

    private typealias Word = ObjectState.Word
}
