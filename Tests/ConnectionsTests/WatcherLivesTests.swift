import TestSupport
import Testing

@testable import Connections

@Suite("Watcher: what one life leaves to the next", .timeLimit(.minutes(10)))
struct WatcherLivesTests {
    typealias Word = ObjectState.Word

    private let key = ObjectKey.uuid(ObjectUUID(number: 7))
    private let off = ListedObject.domain("web", active: false, Word.shutoff)

    /// The next life, a while later.
    private func next(_ bench: WatcherBench, uuid: String? = nil) throws -> WatcherBench {
        try WatcherBench(
            bench.driver,
            kinds: bench.host.kinds,
            state: HostState(last: bench.changes),
            heard: bench.watcher.status.heard,
            uuid: uuid,
            start: .seconds(1_000)
        )
    }

    /// - Parameter meanwhile: Done once the loss is known.
    private func reconnect(_ bench: WatcherBench, _ meanwhile: () -> Void = {}) async throws {
        let count = bench.driver.connections.count
        bench.driver.connections.last?.inlet.closed(.eof)
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        meanwhile()
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("it is connected to again") { bench.driver.connections.count == count + 1 }
    }

    @Test("what came of a class that could not be listed is put right after a restart")
    func refusedListing() async throws {
        func pool(_ isActive: Bool) -> ListedObject {
            let word = isActive ? Word.active : Word.inactive
            return ListedObject(
                key: key,
                state: ObjectState(name: "p", persistent: true, active: isActive, state: word)
            )
        }
        let driver = FakeDriver()
        driver.show(.pool, [pool(false)])
        let bench = try WatcherBench(driver, kinds: [.poolLifecycle])
        await bench.watcher.start()
        try await eventually("it is listed") { bench.watcher.status.classes[.pool]?.listed != nil }
        driver.failListing(of: .pool, ListingFailure("busy"))
        try await reconnect(bench)
        try await bench.pass(seconds: 61)
        #expect(bench.changes.last?.silence == .silent)
        driver.connections[1].deliver(
            .poolLifecycle,
            .pool(name: "p", uuid: ObjectUUID(number: 7)),
            .lifecycle(event: 2, detail: 0)
        )
        try await bench.reports("up 1", "down eof", "up 1", "?")
        await bench.watcher.stop()
        driver.show(.pool, [pool(false)])
        let next = try next(bench)
        await next.watcher.start()
        try await next.repairs("stopped p", "gap self 1")
        await next.watcher.stop()
    }

    @Test("what was told at a first sight that was never complete is put right, and what was not told is a baseline")
    func hearsay() async throws {
        let driver = FakeDriver()
        driver.holdListings(of: .domain)
        let bench = try WatcherBench(driver, kinds: [.domainLifecycle])
        await bench.watcher.start()
        try await eventually("it is being listed") { driver.listed.count == 1 }
        driver.connections[0].emit("web")
        try await bench.reports("up 1", "web")
        let rows = bench.changes
        let heard = bench.watcher.status.heard
        driver.show(.domain, off, .domain("db", number: 8))
        try await reconnect(bench) { driver.letGoListings() }
        try await bench.repairs("stopped web", "gap daemon 1")
        await bench.watcher.stop()
        // And had the service been killed before.
        let next = try WatcherBench(
            driver,
            kinds: [.domainLifecycle],
            state: HostState(last: rows),
            heard: heard,
            start: .seconds(1_000)
        )
        await next.watcher.start()
        try await next.repairs("stopped web", "gap self 1")
        await next.watcher.stop()
    }
}
