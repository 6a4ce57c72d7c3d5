import Connections
import TestSupport
import Testing

@Suite("Watcher: whether calls return", .timeLimit(.minutes(10)))
struct WatcherProbeTests {
    /// A bench that probes every 30 s, its host up and asked who it is.
    private func bench(_ driver: FakeDriver = FakeDriver(), pause: Pause? = nil) async throws -> WatcherBench {
        driver.identify(as: "u")
        let bench = try WatcherBench(driver, pause: pause, kinds: [.domainReboot], probe: .seconds(30))
        await bench.watcher.start()
        try await eventually("it has said who it is") { bench.watcher.status.hostUUID == "u" }
        try await probeIsScheduled(bench)
        return bench
    }

    /// The jitter is the highest there is.
    private func probeIsScheduled(_ bench: WatcherBench) async throws {
        try await bench.retryIsScheduled(after: .seconds(33))
    }

    /// A probe that does not return, and is past the deadline.
    private func stick(_ bench: WatcherBench, _ connection: Int = 0) async throws {
        bench.driver.connections[connection].hang()
        bench.scheduler.advance(by: .seconds(33))
        try await eventually("the probe's deadline is set") { bench.scheduler.pending.first == .seconds(5) }
        bench.scheduler.advance(by: .seconds(5))
        try await bench.until("there is doubt") { bench.watcher.status.degraded.keys.contains(.probe) }
    }

    @Test("a host is probed again and again, and a call past the deadline is degraded until it returns")
    func degraded() async throws {
        let bench = try await bench()
        bench.scheduler.advance(by: .seconds(33))
        try await eventually("it is probed") { bench.driver.connections[0].probed == 1 }
        try await probeIsScheduled(bench)
        try await stick(bench)
        try await bench.reports("up 1", "degraded probe")
        #expect(bench.watcher.status.phase == .up)
        bench.scheduler.advance(by: .seconds(7))
        bench.driver.connections[0].release()
        try await bench.reports("up 1", "degraded probe", "recovered probe")
        guard case .recovered(let degradation) = bench.reports[2].body else { return }
        #expect(degradation.age == .seconds(7))
        #expect(bench.watcher.status.degraded.isEmpty)
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    @Test("a doubt ends with its watcher, since the next one knows nothing of it")
    func ends() async throws {
        let bench = try await bench()
        try await stick(bench)
        await bench.watcher.stop()
        await bench.watcher.stop()
        #expect(bench.words == ["up 1", "degraded probe", "recovered probe"])
        bench.driver.connections[0].release()
        try await eventually("it returns") { bench.pool.counters.stuck == [] }
    }

    @Test("a host whose calls hang is not deaf: what it tells meanwhile is heard, and it is asked nothing else")
    func notDeaf() async throws {
        let bench = try await bench()
        try await stick(bench)
        bench.scheduler.advance(by: .seconds(19))
        bench.driver.connections[0].emit("still heard")
        try await bench.reports("up 1", "degraded probe", "still heard")
        #expect(bench.driver.connections[0].probed == 1)
        bench.driver.connections[0].release()
        try await bench.reports("up 1", "degraded probe", "still heard", "recovered probe")
        await bench.watcher.stop()
    }

    @Test(
        "a connection whose call stays out is given up when keepalive would have told, and trusted when another answers"
    )
    func givenUp() async throws {
        let bench = try await bench()
        try await stick(bench)
        bench.scheduler.advance(by: .seconds(20))
        try await bench.reports("up 1", "degraded probe", "down probe")
        guard case .down(let down) = bench.reports[2].body else { return }
        #expect(down.message == "no answer for 25.000s to a probe")
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.driver.connections[0].release()
        bench.scheduler.advance(by: .seconds(1))
        try await bench.reports("up 1", "degraded probe", "down probe", "up 1", "recovered probe")
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    @Test("what a connection that was given up still tells is heard until the next one is being made")
    func givenUpAlive() async throws {
        let bench = try await bench(FakeDriver(.succeed, .hangThenSucceed))
        try await stick(bench)
        bench.scheduler.advance(by: .seconds(20))
        try await bench.reports("up 1", "degraded probe", "down probe")
        bench.driver.connections[0].emit("once")
        try await bench.reports("up 1", "degraded probe", "down probe", "once")
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("it is tried again") { bench.driver.attempts == 2 }
        bench.driver.connections[0].emit("maybe twice")
        try await eventually("it is not heard") { bench.watcher.inFlight.counts.suppressed == 1 }
        bench.driver.release()
        bench.driver.connections[0].release()
        try await bench.reports("up 1", "degraded probe", "down probe", "once", "up 1", "recovered probe")
        await bench.watcher.stop()
    }

    @Test("a listing that hangs counts as a probe that is late")
    func listing() async throws {
        let driver = FakeDriver()
        driver.holdListings(of: .domain)
        let bench = try WatcherBench(driver, kinds: [.domainLifecycle], probe: .seconds(30))
        await bench.watcher.start()
        try await eventually("it is being listed") { driver.listed == [.domain] }
        bench.scheduler.advance(by: .seconds(5))
        try await bench.reports("up 1", "degraded probe")
        driver.letGoListings()
        try await bench.reports("up 1", "degraded probe", "recovered probe")
        await bench.watcher.stop()
    }

    @Test("within a pause doubt is not told, and what outlives it is")
    func paused() async throws {
        let bench = try await bench(pause: Pause(by: "root"))
        try await stick(bench)
        #expect(bench.words == [])
        await bench.watcher.resume(by: "root")
        try await bench.reports("resumed by root", "up 1", "degraded probe")
        bench.driver.connections[0].release()
        try await bench.reports("resumed by root", "up 1", "degraded probe", "recovered probe")
        await bench.watcher.stop()
    }

    @Test("an event says nothing of those behind it: the gap begins before it, and where nobody answers with an answer")
    func backlog() async throws {
        let bench = try await bench()
        bench.scheduler.advance(by: .seconds(33))
        try await eventually("it is probed") { bench.driver.connections[0].probed == 1 }
        try await probeIsScheduled(bench)
        bench.scheduler.advance(by: .seconds(20))
        bench.driver.connections[0].emit("late")
        try await bench.reports("up 1", "late")
        let answered = Timestamp(microseconds: 33_000_000)
        #expect(bench.watcher.status.heard.connection == answered + .seconds(15))
        bench.driver.connections[0].hang()
        bench.scheduler.advance(by: .seconds(13))
        try await eventually("the probe's deadline is set") { bench.scheduler.pending.first == .seconds(5) }
        bench.scheduler.advance(by: .seconds(5))
        try await bench.reports("up 1", "late", "degraded probe")
        bench.driver.connections[0].emit("later")
        try await bench.reports("up 1", "late", "degraded probe", "later")
        #expect(await bench.watcher.lost == nil)
        #expect(bench.watcher.status.heard.connection == answered)
        bench.driver.connections[0].inlet.closed(.eof)
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("the gap is told") { bench.gaps.count == 1 }
        #expect(bench.gaps.map(\.from) == [answered])
        bench.driver.connections[0].release()
        await bench.watcher.stop()
    }

    @Test("an answer that took long says how long an event may have been under way")
    func slowAnswer() async throws {
        let bench = try await bench()
        try await stick(bench)
        bench.scheduler.advance(by: .seconds(7))
        bench.driver.connections[0].release()
        try await bench.reports("up 1", "degraded probe", "recovered probe")
        let asked = Timestamp(microseconds: 33_000_000)
        for (seconds, proof) in [(0, asked), (10, asked + .seconds(10))] {
            bench.scheduler.advance(by: .seconds(seconds))
            bench.driver.connections[0].emit("a")
            try await eventually("it is heard") { bench.watcher.status.events == 1 + seconds / 10 }
            #expect(await bench.watcher.lost == nil)
            #expect(bench.watcher.status.heard.connection == proof)
        }
        await bench.watcher.stop()
    }
}
