import Connections
import TestSupport
import Testing

/// Classes of objects that are listed or heard later than the others.
extension WatcherGapTests {
    @Test("a listing that fails says nothing is gone; the gap is told when one is complete")
    func fails() async throws {
        let bench = try await bench(FakeDriver(), .domain("a"))
        bench.driver.failListing(of: .domain, ListingFailure("busy"))
        try await reconnect(bench)
        try await bench.until("it failed") { bench.watcher.status.classes[.domain]?.failure == "busy" }
        #expect(bench.repairs == [])
        #expect(await domains(bench)?.count == 1)
        #expect(bench.watcher.status.heard.connection == at(0))
        bench.driver.show(.domain)
        bench.scheduler.advance(by: .seconds(5))
        try await bench.repairs("stopped a", "undefined a", "gap daemon 2")
        #expect(bench.gaps.map(\.to) == [at(1)], "hearing resumed then")
        await bench.watcher.stop()
    }

    @Test("a class that keeps others waiting has a gap of its own")
    func late() async throws {
        let kinds: [EventKind] = [.domainLifecycle, .poolLifecycle, .secretValueChanged]
        let bench = try await bench(FakeDriver(), kinds: kinds)
        try await isListed(bench, 1, .pool)
        bench.driver.holdListings(of: .pool)
        try await reconnect(bench)
        try await eventually("pools are being listed") { bench.driver.listed.last == .pool }
        #expect(bench.repairs == [])
        bench.scheduler.advance(by: .seconds(10))
        try await bench.repairs("gap daemon 0")
        bench.driver.letGoListings()
        try await bench.repairs("gap daemon 0", "gap daemon 0")
        #expect(bench.gaps.map(\.classes) == [[.domain, .secret], [.pool]])
        #expect(Set(bench.gaps.map(\.from)) == [at(0)] && Set(bench.gaps.map(\.to)) == [at(1)])
        await bench.watcher.stop()
    }

    @Test("a class that cannot be heard for the moment has an open gap, which is told when it is heard again")
    func away() async throws {
        let kinds: [EventKind] = [.domainLifecycle, .networkLifecycle]
        let bench = try await bench(FakeDriver(), kinds: kinds)
        try await isListed(bench, 1, .network)
        bench.driver.refuse([.networkLifecycle])
        try await reconnect(bench)
        try await bench.repairs("gap daemon 0")
        #expect(bench.gaps.map(\.classes) == [[.domain]])
        #expect(bench.watcher.status.heard.connection == at(1), "it is not the host that is away")
        #expect(bench.watcher.status.heard.classes[.network] == at(0))
        bench.driver.refuse([])
        bench.driver.show(
            .network,
            [
                ListedObject(
                    key: key,
                    state: ObjectState(name: "n", persistent: true, active: false, state: Word.inactive)
                )
            ]
        )
        await bench.watcher.update(bench.host)
        try await bench.repairs("gap daemon 0", "defined n", "gap daemon 1")
        #expect(bench.gaps.last?.classes == [.network] && bench.gaps.last?.from == at(0))
        await bench.watcher.stop()
    }
}
