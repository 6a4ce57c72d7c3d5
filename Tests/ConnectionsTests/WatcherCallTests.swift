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
}
