import Dispatch
import TestSupport
import Testing

@testable import Connections

@Suite("Watcher: calls that wait", .timeLimit(.minutes(10)))
struct WatcherCallTests {
    @Test("behind a call that hangs a class waits once to be listed, however often that is asked for")
    func listings() async throws {
        let driver = FakeDriver()
        driver.show(.domain, .domain("a"))
        driver.holdListings(of: .domain)
        let bench = try WatcherBench(driver, kinds: [.domainLifecycle])
        await bench.watcher.start()
        try await eventually("it is being listed") { driver.listed == [.domain] }
        for second in 0..<3 {
            let lost = Lost(from: Timestamp(microseconds: 0) + .seconds(second), objects: [])
            await bench.watcher.resync(lost: lost)
            bench.scheduler.advance(by: .seconds(1))
            try await eventually("it is to be listed anew") { await bench.watcher.nextResync == nil }
        }
        #expect(await bench.watcher.waitingCalls.count == 1)
        driver.letGoListings()
        try await bench.repairs("gap dropped 0")
        #expect(driver.listed.count == 2)
        await bench.watcher.stop()
    }

    @Test("a host whose calls have no thread, because others hang, is in doubt and stays connected")
    func noThread() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.poolRefresh], probe: .seconds(30), calls: 1)
        let others = DispatchSemaphore(value: 0)
        let hanging = BlockingCall<Void>(deadline: .seconds(1_000), body: { others.wait() }, finished: {})
        bench.pool.submit(hanging, lane: .call)
        try await eventually("another one has the thread") { bench.pool.counters.running == 1 }
        await bench.watcher.start()
        try await bench.reports("up 1")
        bench.scheduler.advance(by: .seconds(33))
        try await bench.reports("up 1", "degraded probe")
        bench.scheduler.advance(by: .seconds(33))
        #expect(await bench.watcher.lost == nil)
        #expect(bench.watcher.status.phase == .up)
        others.signal()
        try await bench.reports("up 1", "degraded probe", "recovered probe")
        await bench.watcher.stop()
        try await eventually("nothing runs") { bench.pool.counters.running == 0 }
    }
}
