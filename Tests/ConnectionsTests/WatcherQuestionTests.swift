import TestSupport
import Testing

@testable import Connections

@Suite("Watcher: what hangs and what waits for it", .timeLimit(.minutes(10)))
struct WatcherQuestionTests {
    private func at(_ seconds: Int) -> Timestamp { Timestamp(microseconds: 0) + .seconds(seconds) }

    /// A watcher 100 s after a former life, which had a domain that runs no more.
    private func bench(kinds: [EventKind] = [.domainLifecycle]) throws -> WatcherBench {
        var state = HostState()
        _ = state.replace(.domain, with: [.domain("a")], at: at(0))
        let driver = FakeDriver()
        driver.show(.domain, .domain("a", active: false, ObjectState.Word.shutoff))
        return try WatcherBench(
            driver,
            kinds: kinds,
            state: state,
            heard: LastHeard(connection: at(50)),
            start: .seconds(100)
        )
    }

    /// The call under way is past the deadline, the connection given up, and there is another.
    private func giveUp(_ bench: WatcherBench, patience: Int = 20) async throws {
        let count = bench.driver.connections.count
        try await eventually("its deadline is set") { bench.scheduler.pending.contains(.seconds(5)) }
        bench.scheduler.advance(by: .seconds(5))
        try await bench.until("there is doubt") { bench.watcher.status.degraded.keys.contains(.probe) }
        bench.scheduler.advance(by: .seconds(patience))
        try await eventually("it is given up", detail: { "\(bench.words)" }) { bench.watcher.status.phase == .down }
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("there is another") { bench.driver.connections.count == count + 1 }
    }

    @Test("a host that does not say who it is is listed all the same, and not asked on every connection")
    func identity() async throws {
        let bench = try bench()
        bench.driver.identify(as: "u")
        bench.driver.holdIdentities()
        await bench.watcher.start()
        // After how long it has been up, which it says.
        try await eventually("it is asked who it is") { await bench.watcher.calls == 2 }
        try await giveUp(bench)
        try await bench.repairs("stopped a", "gap self 1")
        try await giveUp(bench, patience: 40)
        try await bench.repairs("stopped a", "gap self 1", "gap daemon 0")
        #expect(bench.watcher.status.phase == .up && bench.watcher.status.hostUUID == nil)
        #expect(bench.pool.counters.stuck.count == 2, "nothing is asked any more")
        bench.driver.letGoIdentities(2)
        try await eventually("they return") { bench.pool.counters.stuck == [] }
        bench.scheduler.advance(by: .seconds(3_600))
        bench.driver.connections[2].inlet.closed(.eof)
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("it says so after an hour") { bench.watcher.status.hostUUID == "u" }
        await bench.watcher.stop()
    }

    @Test("a class whose listing hangs keeps the others from being listed once, and no gap is told before its class is")
    func listing() async throws {
        let bench = try bench(kinds: [.domainLifecycle, .networkLifecycle])
        bench.driver.holdListings(of: .domain)
        await bench.watcher.start()
        try await eventually("it is being listed") { bench.driver.listed == [.domain] }
        bench.driver.failListing(of: .domain, ListingFailure("busy"))
        try await giveUp(bench)
        try await eventually("the other is first") { bench.driver.listed == [.domain, .network, .domain] }
        bench.scheduler.advance(by: .seconds(10))
        try await bench.repairs("gap self 0")
        #expect(bench.gaps.map(\.classes) == [[.network]])
        #expect(bench.watcher.status.heard.connection == at(50))
        bench.driver.letGoListings()
        bench.driver.letGoListings()
        try await bench.pass(seconds: 51)
        #expect(bench.repairs == ["gap self 0"])
        let heard = bench.watcher.status.heard
        #expect(heard.connection.map { $0 >= at(130) } == true, "what cannot be listed keeps no other class")
        #expect(heard.classes[.domain] == at(50))
        #expect(await bench.watcher.state.count(of: .domain) == 1)
        bench.driver.show(.domain, .domain("a", active: false, ObjectState.Word.shutoff))
        try await bench.pass(seconds: 300)
        #expect(bench.repairs == ["gap self 0", "stopped a", "gap self 1"])
        #expect(bench.gaps.last?.from == at(50) && bench.gaps.last?.to == at(126))
        await bench.watcher.stop()
    }
}
