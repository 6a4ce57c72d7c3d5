import Connections
import Dispatch
import TestSupport
import Testing

@Suite("Watcher", .timeLimit(.minutes(10)))
struct WatcherTests {
    @Test("reports up, then events in order, each with the next number")
    func relaysInOrder() async throws {
        let bench = try WatcherBench(FakeDriver())
        await bench.watcher.start()
        try await bench.reports("up 1")
        for name in ["a", "b", "c"] { bench.driver.connections[0].emit(name) }
        try await bench.reports("up 1", "a", "b", "c")
        #expect(bench.reports.map(\.sequence) == [1, 2, 3, 4])
        await bench.watcher.stop()
        #expect(bench.driver.connections.map(\.isClosed) == [true])
        #expect(bench.watcher.status.phase == .stopped)
    }

    @Test("a lost host is retried after its backoff, with a new connection")
    func reconnects() async throws {
        let bench = try WatcherBench(FakeDriver(.succeed, .fail(.refused)))
        await bench.watcher.start()
        try await bench.reports("up 1")
        bench.driver.connections[0].inlet.closed(.eof)
        try await bench.reports("up 1", "down eof")
        try await bench.retryIsScheduled(after: .seconds(1))
        bench.scheduler.advance(by: .seconds(1))
        try await bench.reports("up 1", "down eof", "down refused")
        try await bench.retryIsScheduled(after: .seconds(2))
        #expect(bench.driver.attempts == 2)
        bench.scheduler.advance(by: .seconds(2))
        try await bench.reports("up 1", "down eof", "down refused", "up 2")
        #expect(bench.driver.connections.count == 2)
        await bench.watcher.stop()
    }

    @Test("a connection's last words are reported though they come after its loss")
    func lastWords() async throws {
        let bench = try WatcherBench(FakeDriver())
        await bench.watcher.start()
        try await bench.reports("up 1")
        bench.driver.connections[0].inlet.closed(.eof)
        bench.driver.connections[0].emit("last")
        try await bench.reports("up 1", "down eof", "last")
        await bench.watcher.stop()
    }

    @Test("an open that never returns is aborted at its deadline, tried once more slowly, and then down")
    func deadlines() async throws {
        let bench = try WatcherBench(FakeDriver(.hang, .hang))
        await bench.watcher.start()
        try await eventually("the fast deadline is set") { bench.scheduler.pending == [.seconds(2)] }
        bench.scheduler.advance(by: .seconds(2))
        try await eventually("the slow deadline is set") { bench.scheduler.pending == [.seconds(15)] }
        try await bench.reports("down timeout")
        bench.scheduler.advance(by: .seconds(15))
        try await bench.retryIsScheduled(after: .seconds(1))
        try await bench.reports("down timeout")
        await bench.watcher.stop()
    }

    @Test("a host whose slow try has no turn, because others hang, is soon tried anew")
    func noTurn() async throws {
        let bench = try WatcherBench(FakeDriver(.hang, .succeed))
        let others = DispatchSemaphore(value: 0)
        for _ in 0..<16 {
            bench.pool.submit(
                BlockingCall(deadline: .seconds(1_000), body: { others.wait() }, finished: {}),
                lane: .openSlow
            )
        }
        await bench.watcher.start()
        try await eventually("the fast deadline is set") { bench.scheduler.pending.first == .seconds(2) }
        bench.scheduler.advance(by: .seconds(2))
        try await bench.reports("down timeout")
        try await eventually("its turn is waited for") { bench.scheduler.pending.first == .seconds(20) }
        bench.scheduler.advance(by: .seconds(20))
        try await eventually("a retry is scheduled") { bench.scheduler.pending.first == .seconds(1) }
        bench.scheduler.advance(by: .seconds(1))
        try await bench.reports("down timeout", "up 2")
        await bench.watcher.stop()
        for _ in 0..<16 { others.signal() }
        try await eventually("the others end") { bench.pool.counters.running == 0 }
    }

    @Test("a connection that comes after its deadline is closed and not believed")
    func lateConnection() async throws {
        let bench = try WatcherBench(FakeDriver(.hangThenSucceed, .succeed))
        await bench.watcher.start()
        try await eventually("the fast deadline is set") { bench.scheduler.pending == [.seconds(2)] }
        bench.scheduler.advance(by: .seconds(2))
        try await bench.reports("down timeout", "up 1")
        bench.driver.release()
        try await eventually("the late connection is closed") { bench.driver.connections.last?.isClosed == true }
        let late = try #require(bench.driver.connections.last)
        late.emit("from nowhere")
        late.inlet.closed(.eof)
        bench.driver.connections[0].emit("real")
        try await bench.reports("down timeout", "up 1", "real")
        await bench.watcher.stop()
    }

    @Test("a flood is dropped at the bound and counted, and there is room again once the journal has caught up")
    func inFlightBound() async throws {
        let bench = try WatcherBench(FakeDriver(), inFlightLimit: 3)
        await bench.watcher.start()
        try await bench.reports("up 1")
        for name in ["a", "b", "c", "d", "e"] { bench.driver.connections[0].emit(name) }
        try await bench.reports("up 1", "a", "b", "c")
        #expect(bench.watcher.status.dropped == 2)
        bench.watcher.inFlight.leave(3)
        bench.driver.connections[0].emit("f")
        try await bench.reports("up 1", "a", "b", "c", "f")
        await bench.watcher.stop()
    }

    @Test("stop returns while an open is under way, and while waiting for a retry")
    func stopsAnytime() async throws {
        let opening = try WatcherBench(FakeDriver(.hang))
        await opening.watcher.start()
        try await eventually("an attempt is made") { opening.driver.attempts == 1 }
        await opening.watcher.stop()
        let waiting = try WatcherBench(FakeDriver(.fail(.refused)))
        await waiting.watcher.start()
        try await waiting.reports("down refused")
        await waiting.watcher.stop()
        try await waiting.nothingIsPlanned()
    }
}
