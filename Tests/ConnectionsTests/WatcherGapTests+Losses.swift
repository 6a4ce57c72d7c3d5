import Connections
import TestSupport
import Testing

/// What was dropped on its way to the journal, or lost in it.
extension WatcherGapTests {
    @Test("after drops the host is listed anew once it is calm, and there is a gap from 5 s before the last good event")
    func drops() async throws {
        let bench = try await bench(FakeDriver(), inFlightLimit: 2, .domain("a"))
        bench.scheduler.advance(by: .seconds(10))
        for event: Int32 in [3, 4, 5, 2, 5] { bench.driver.connections[0].emit("a", event) }
        try await bench.reports("up 1", "a", "a")
        try await bench.retryIsScheduled(after: .seconds(1))
        bench.driver.show(.domain, .domain("a", active: false, Word.shutoff))
        bench.driver.connections[0].emit("a", 3)
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("it was not calm") { bench.scheduler.pending == [.seconds(1)] }
        bench.watcher.inFlight.leave(2)
        #expect(bench.repairs == [])
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("stopped a", "gap dropped 1")
        #expect(bench.gaps.map(\.from) == [at(5)] && bench.gaps.map(\.to) == [at(12)])
        #expect(bench.watcher.status.dropped == 4)
        // And the next one is noticed again.
        for event: Int32 in [2, 3, 4] { bench.driver.connections[0].emit("a", event) }
        try await bench.retryIsScheduled(after: .seconds(1))
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    @Test("drops that go on after a connection has come back are a gap of their own")
    func dropsGoOn() async throws {
        let driver = FakeDriver()
        driver.show(.domain, .domain("a"))
        let backoff = Backoff(base: .milliseconds(100), cap: .seconds(1))
        let bench = try WatcherBench(driver, inFlightLimit: 2, kinds: [.domainLifecycle], backoff: backoff)
        await bench.watcher.start()
        try await isListed(bench, 1)
        bench.scheduler.advance(by: .seconds(5))
        for event: Int32 in [3, 4, 3] { driver.connections[0].emit("a", event) }
        try await bench.retryIsScheduled(after: .seconds(1))
        driver.connections[0].inlet.closed(.eof)
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.milliseconds(100)) }
        bench.scheduler.advance(by: .milliseconds(100))
        try await eventually("the gap is told", detail: { "\(bench.repairs)" }) { bench.gaps.count == 1 }
        // Before it is looked at whether they have ended.
        bench.scheduler.advance(by: .milliseconds(300))
        driver.connections[1].emit("a", 3)
        let dropped = Timestamp(microseconds: 0) + bench.scheduler.now
        bench.watcher.inFlight.leave(2)
        try await bench.pass(seconds: 12)
        #expect(bench.gaps.contains { $0.from <= dropped && $0.to >= dropped })
        await bench.watcher.stop()
    }

    @Test("a drop on a connection that is not believed any more keeps no later one from being told")
    func staleDrop() async throws {
        let bench = try await bench(FakeDriver(), inFlightLimit: 1, .domain("a"))
        try await reconnect(bench)
        try await bench.repairs("gap daemon 0")
        #expect(bench.watcher.inFlight.enter())
        bench.driver.connections[0].emit("a", 3)
        try await bench.retryIsScheduled(after: .seconds(1))
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("gap daemon 0", "gap dropped 0")
        bench.driver.connections[1].emit("a", 3)
        try await bench.retryIsScheduled(after: .seconds(1))
        await bench.watcher.stop()
    }

    @Test(
        "what the journal has lost is told again by steps from whatever state, the history as well, and the gap before it"
    )
    func lost() async throws {
        let bench = try await bench(FakeDriver(), .domain("a"), .domain("b", number: 8))
        try await reconnect(bench)
        try await bench.repairs("gap daemon 0")
        bench.scheduler.advance(by: .seconds(5))
        await bench.watcher.resync(lost: Lost(from: at(1), objects: [.init(.domain, key)]))
        #expect(bench.watcher.status.heard.connection == at(0), "the gap that was told then may be among it")
        #expect(await bench.watcher.lost == Lost(from: at(1), objects: [.init(.domain, key)]))
        #expect(bench.watcher.status.isUntold)
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("gap daemon 0", "defined a", "started a", "gap dropped 2")
        #expect(bench.gaps.last?.from == at(0) && bench.gaps.last?.to == at(7))
        #expect(await bench.watcher.lost == nil)
        #expect(!bench.watcher.status.isUntold)
        let told = bench.changes.filter { $0.at == at(7) }.map { "\($0.object) \($0.state?.name ?? "-")" }
        #expect(told == ["host ", "domain ", "domain a"])

        await bench.watcher.resync(lost: Lost(from: at(7), isEverything: true))
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("everything is told again", detail: { "\(bench.repairs)" }) {
            bench.repairs.suffix(5) == ["defined a", "started a", "defined b", "started b", "gap dropped 4"]
        }
        await bench.watcher.stop()
    }

    @Test("what nobody wanted to hear is told by steps from whatever state, and the gap is of its class alone")
    func keptBack() async throws {
        let bench = try await bench(FakeDriver(), .domain("a"), .domain("b", number: 8))
        bench.scheduler.advance(by: .seconds(5))
        await bench.watcher.resync(keptBack: Lost(from: at(1), objects: [.init(.domain, key)]))
        #expect(bench.watcher.status.isUntold)
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("defined a", "started a", "gap self 2")
        #expect(bench.gaps.map(\.from) == [at(1)] && bench.gaps.map(\.classes) == [[.domain]])
        #expect(!bench.watcher.status.isUntold)
        await bench.watcher.stop()
    }

    @Test("what has ended is told by the name it had, before what there is: that may have its name now")
    func lostEnds() async throws {
        let bench = try await bench(FakeDriver(), .domain("a"))
        let ended = ObjectKey.uuid(try #require(ObjectUUID("ffffffff-0000-0000-0000-000000000009")))
        let objects: Set<Lost.Object> = [.init(.domain, ended, name: "a")]
        await bench.watcher.resync(lost: Lost(from: at(0), objects: objects, isEverything: true))
        #expect(await bench.watcher.lost == Lost(from: at(0), objects: objects, isEverything: true))
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("stopped a", "undefined a", "defined a", "started a", "gap dropped 4")
        await bench.watcher.resync(lost: Lost(from: at(1), objects: [.init(.domain, ended)]))
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("it is told again", detail: { "\(bench.repairs)" }) {
            bench.repairs.suffix(3) == ["stopped \(ended)", "undefined \(ended)", "gap dropped 2"]
        }
        await bench.watcher.stop()
    }

    @Test("what the journal lost of a host that is down is told once it is up")
    func lostWhileDown() async throws {
        let bench = try await bench(FakeDriver(.succeed, .fail(.refused)), .domain("a"))
        bench.driver.connections[0].inlet.closed(.eof)
        try await bench.retryIsScheduled(after: .seconds(1))
        bench.scheduler.advance(by: .seconds(1))
        try await bench.reports("up 1", "down eof", "down refused")
        await bench.watcher.resync(lost: Lost(from: at(0), objects: [.init(.domain, key)]))
        bench.scheduler.advance(by: .seconds(2))
        try await bench.repairs("defined a", "started a", "gap daemon 2")
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    @Test("what was said of the host itself and lost is said again at once, the last of each topic, and nothing older")
    func lostWords() async throws {
        let bench = try await bench(FakeDriver(.succeed, .fail(.refused)), .domain("a"))
        bench.scheduler.advance(by: .seconds(5))
        await bench.watcher.pause(Pause(by: "ann"))
        await bench.watcher.resync(lost: Lost(from: at(1), objects: []))
        #expect(bench.words == ["up 1", "paused by ann", "paused by ann"])
        await bench.watcher.resume(by: "bob")
        bench.driver.connections[0].inlet.closed(.eof)
        try await bench.reports("up 1", "paused by ann", "paused by ann", "resumed by bob", "down eof")
        await bench.watcher.resync(lost: Lost(from: at(5), objects: []))
        #expect(bench.words.suffix(2) == ["resumed by bob", "down eof"])
        #expect(bench.words.count == 7)
        await bench.watcher.stop()
    }

    @Test("of a class that is not watched nothing was lost: should it be later, that is a first sight")
    func lostOfNoInterest() async throws {
        let bench = try await bench(FakeDriver(), .domain("a"))
        await bench.watcher.resync(lost: Lost(from: at(0), isEverything: true))
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("defined a", "started a", "gap dropped 2")
        #expect(await bench.watcher.lost == nil)
        let state = ObjectState(name: "n", persistent: true, active: false, state: Word.inactive)
        bench.driver.show(.network, [ListedObject(key: key, state: state)])
        let kinds: [EventKind] = [.domainLifecycle, .networkLifecycle]
        await bench.watcher.update(Host(name: "kvm01", uri: bench.host.uri, kinds: kinds))
        try await isListed(bench, 1, .network)
        #expect(bench.repairs.count == 3)
        await bench.watcher.stop()
    }

    @Test(
        "at first sight what a try told that failed is not told, for nobody heard what came after it",
        arguments: [
            ([FakeDriver.Outcome.tellAndFail("a", .eof)], ["down eof", "up 2"], 1),
            ([.tellAndFail("a", .timeout)], ["down timeout", "up 1"], 1),
            ([.tellAndLose("a", .eof)], ["down eof", "up 2"], 2),
        ]
    )
    func early(outcomes: [FakeDriver.Outcome], words: [String], suppressed: Int) async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle])
        bench.driver.script(outcomes: outcomes)
        await bench.watcher.start()
        if words == ["down timeout", "up 1"] {
            try await eventually("the slow try is made") { bench.watcher.status.phase == .up }
        } else {
            try await bench.retryIsScheduled(after: .seconds(1))
            bench.scheduler.advance(by: .seconds(1))
        }
        try await isListed(bench, 1)
        #expect(bench.words == words && bench.repairs == [])
        #expect(bench.watcher.inFlight.counts.suppressed == suppressed)
        #expect(bench.watcher.inFlight.current == 0)
        await bench.watcher.stop()
    }

    @Test("within a gap it is told")
    func earlyWithinGap() async throws {
        let bench = try await bench(FakeDriver(.succeed, .tellAndFail("a", .eof)), .domain("a"))
        bench.driver.connections[0].inlet.closed(.eof)
        for delay in [1, 2] {
            try await bench.retryIsScheduled(after: .seconds(delay))
            bench.scheduler.advance(by: .seconds(delay))
        }
        try await bench.reports("up 1", "down eof", "a", "up 2")
        try await bench.repairs("gap daemon 0")
        await bench.watcher.stop()
    }
}
