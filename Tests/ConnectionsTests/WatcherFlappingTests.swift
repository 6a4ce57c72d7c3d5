import Connections
import TestSupport
import Testing

@Suite("Watcher: a host that is lost again and again", .timeLimit(.minutes(10)))
struct WatcherFlappingTests {
    @Test(
        "its ups and downs are told until the limit, then that it flaps; its state shows, its retries are slow, it calms"
    )
    func flaps() async throws {
        let limit = FlapLimit(count: 2, within: .seconds(600))
        let bench = try WatcherBench(FakeDriver(), kinds: [.poolRefresh], flapLimit: limit)
        await bench.watcher.start()
        try await bench.reports("up 1")
        for round in 1...2 {
            bench.driver.connections[round - 1].inlet.closed(.eof)
            try await bench.retryIsScheduled(after: .seconds(1 << (round - 1)))
            bench.scheduler.advance(by: .seconds(1 << (round - 1)))
            try await eventually("it is up again") { bench.words.count == 1 + 2 * round }
        }
        bench.driver.connections[2].inlet.closed(.eof)
        let words = ["up 1", "down eof", "up 1", "down eof", "up 1", "flapping 3"]
        try await eventually("it flaps") { bench.words == words }
        try await eventually("it is down") { bench.watcher.status.phase == .down }
        #expect(bench.watcher.status.flapping?.count == 3)
        try await bench.isPlanned(.seconds(20), .seconds(600))
        bench.scheduler.advance(by: .seconds(20))
        try await eventually("it is up") { bench.watcher.status.phase == .up }
        bench.driver.connections[3].emit("still heard")
        try await eventually("events are not held back") { bench.words == words + ["still heard"] }
        try await bench.retryIsScheduled(after: .seconds(600))
        bench.scheduler.advance(by: .seconds(600))
        try await bench.until("what holds is told") { bench.words == words + ["still heard", "up 1"] }
        #expect(bench.watcher.status.flapping == nil)
        bench.driver.connections[3].inlet.closed(.eof)
        try await eventually("it is told as ever") { bench.words.last == "down eof" }
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }
}
