import Connections
import TestSupport
import Testing

@Suite("Watcher: whether classes are heard", .timeLimit(.minutes(10)))
struct WatcherAuditTests {
    /// A bench that audits every 60 s, 72 s with the highest jitter, with one domain listed.
    private func bench(inFlightLimit: Int = 10) async throws -> WatcherBench {
        let driver = FakeDriver()
        driver.show(.domain, .domain("a"))
        let bench = try WatcherBench(
            driver,
            inFlightLimit: inFlightLimit,
            kinds: [.domainLifecycle],
            audit: .seconds(60)
        )
        await bench.watcher.start()
        try await eventually("it is listed") { driver.listed == [.domain] }
        try await auditIsScheduled(bench)
        return bench
    }

    private func auditIsScheduled(_ bench: WatcherBench) async throws {
        try await bench.retryIsScheduled(after: .seconds(72))
    }

    @Test("an audit of a class that is heard lists it, and says nothing")
    func fine() async throws {
        let bench = try await bench()
        for round in 1...3 {
            bench.scheduler.advance(by: .seconds(72))
            try await auditIsScheduled(bench)
            #expect(bench.driver.listed.count == 1 + round)
            let now = Timestamp(microseconds: 0) + bench.scheduler.now
            #expect(bench.watcher.status.audited == now)
            #expect(bench.watcher.status.heard.classes[.domain] == now)
        }
        #expect(bench.words == ["up 1"])
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    @Test("a round that could compare nothing is no audit")
    func nothingToCompare() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.poolRefresh], audit: .seconds(60))
        await bench.watcher.start()
        try await auditIsScheduled(bench)
        bench.scheduler.advance(by: .seconds(72))
        try await auditIsScheduled(bench)
        #expect(await bench.watcher.lost == nil)
        #expect(bench.watcher.status.audited == nil)
        await bench.watcher.stop()
    }

    @Test("a difference that stands: doubt, another connection, what was missed, a gap from the last proof, trust")
    func deaf() async throws {
        let bench = try await bench()
        bench.driver.show(.domain, .domain("a", ObjectState.Word.paused))
        bench.scheduler.advance(by: .seconds(72))
        try await bench.retryIsScheduled(after: .seconds(3))
        #expect(bench.words == ["up 1"])
        bench.scheduler.advance(by: .seconds(3))
        try await bench.until("all is told", detail: { "\(bench.words)" }) {
            bench.words.last?.hasPrefix("recovered") == true
        }
        let all = bench.everything
        let words = bench.words(of: all).map { $0.split(separator: " ")[0] }
        #expect(words == ["up", "degraded", "a", "gap", "recovered"], "\(words)")
        guard words.count == 5 else { return }
        #expect(bench.driver.connections.count == 2)
        try await eventually("the first is closed") { bench.driver.connections[0].isClosed }
        #expect(bench.watcher.status.phase == .up)
        #expect(bench.watcher.status.degraded.isEmpty)
        guard case .gap(let gap) = all[3].body else { return }
        #expect(gap.cause == .audit)
        #expect(gap.from == Timestamp(microseconds: 0))
        #expect(gap.to == Timestamp(microseconds: 75_000_000))
        #expect(gap.synthesised == 1)
        #expect(all[2].synthetic == Synthesis(.audit, from: gap.from, to: gap.to))
        try await auditIsScheduled(bench)
        await bench.watcher.stop()
    }

    @Test("the history has of a connection that is replaced that it was heard until its last answer")
    func replaced() async throws {
        let bench = try await bench()
        bench.driver.show(.domain, .domain("a", ObjectState.Word.paused))
        bench.scheduler.advance(by: .seconds(72))
        try await bench.retryIsScheduled(after: .seconds(3))
        bench.driver.holdListings(of: .domain)
        bench.scheduler.advance(by: .seconds(3))
        try await eventually("it is being listed") { bench.driver.listed.count == 3 }
        bench.scheduler.advance(by: .seconds(2))
        bench.driver.letGoListings()
        try await eventually("it is heard again", detail: { "\(bench.words)" }) {
            bench.words.last?.hasPrefix("recovered") == true
        }
        let hearing = bench.changes.filter { $0.object == .host }.map { "\($0.state != nil) \($0.at.microseconds)" }
        #expect(hearing == ["true 0", "false 75000000", "true 77000000"])
        await bench.watcher.stop()
    }

    @Test(
        "a class that is registered and cannot be listed is in doubt, and another connection tried, less and less often",
        arguments: [false, true]
    )
    func refused(hadBeenListed: Bool) async throws {
        let driver = FakeDriver()
        let refusal = ListingFailure("client socket is closed")
        if !hadBeenListed { driver.failListing(of: .network, refusal) }
        let bench = try WatcherBench(driver, kinds: [.domainLifecycle, .networkLifecycle], audit: .seconds(60))
        await bench.watcher.start()
        try await eventually("they are listed") { driver.listed.contains(.network) }
        if hadBeenListed {
            driver.failListing(of: .network, refusal)
            await bench.watcher.resync(lost: Lost(from: Timestamp(microseconds: 0), isEverything: true))
        }
        // By the second: one that comes at the end of a round would be taken for one of the next.
        var changes: [Int] = []
        for second in 0..<720 {
            let before = driver.connections.count
            try await bench.pass(seconds: 1)
            if driver.connections.count > before { changes.append(second) }
        }
        #expect(changes.count == 3, "\(changes)")
        let pauses = zip(changes, changes.dropFirst()).map { $1 - $0 }
        #expect(pauses.count == 2 && pauses[0] >= 120 && pauses[1] > pauses[0] + 60, "\(changes)")
        #expect(bench.watcher.status.degraded.keys.contains(.audit(.network)))
        let last = try #require(driver.connections.last)
        driver.show(.network)
        try await bench.pass(seconds: 300)
        #expect(bench.watcher.status.degraded.isEmpty)
        #expect(bench.words.last?.hasPrefix("recovered") == true)
        #expect(driver.connections.last === last)
        await bench.watcher.stop()
    }

    @Test("a host that is lost before its connection is replaced is down, and trusted once it is heard")
    func lost() async throws {
        let bench = try await bench()
        bench.driver.script(.fail(.refused))
        bench.driver.show(.domain)
        bench.scheduler.advance(by: .seconds(72))
        try await bench.retryIsScheduled(after: .seconds(3))
        bench.scheduler.advance(by: .seconds(3))
        try await bench.until("it is down", detail: { "\(bench.words)" }) { bench.words.last == "down refused" }
        #expect(bench.watcher.status.degraded.keys.contains(.audit(.domain)))
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("all is told", detail: { "\(bench.words)" }) {
            bench.words.last?.hasPrefix("recovered") == true
        }
        #expect(bench.gaps.count == 1)
        await bench.watcher.stop()
    }

    @Test("what is suspected when the connection is lost, or events dropped, is in the gap", arguments: [true, false])
    func suspected(isLost: Bool) async throws {
        let bench = try await bench(inFlightLimit: 1)
        bench.driver.show(.domain, .domain("a", ObjectState.Word.paused))
        bench.scheduler.advance(by: .seconds(72))
        try await bench.retryIsScheduled(after: .seconds(3))
        bench.scheduler.advance(by: .seconds(1))
        if isLost {
            bench.driver.connections[0].inlet.closed(.eof)
        } else {
            let pool = HostEvent.Subject.pool(name: "p", uuid: ObjectUUID(number: 8))
            for _ in 0..<2 { bench.driver.connections[0].deliver(.poolRefresh, pool, .plain) }
        }
        try await eventually("that is seen to") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("suspended a", isLost ? "gap daemon 1" : "gap dropped 1")
        #expect(bench.gaps.map(\.from) == [Timestamp(microseconds: 0)])
        await bench.watcher.stop()
    }
}
