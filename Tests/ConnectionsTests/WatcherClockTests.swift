import Connections
import TestSupport
import Testing

@Suite("Watcher: a wall clock that is set back", .timeLimit(.minutes(10)))
struct WatcherClockTests {
    private func at(_ seconds: Int) -> Timestamp { Timestamp(microseconds: 0) + .seconds(seconds) }

    /// How many seconds after 0 the gap begins and ends.
    @Test(
        "no gap begins after its end, an outage is as long as it was, and what is proven from then on is believed",
        arguments: [("connected", 400, 406), ("unheard", 400, 401), ("down", 400, 401), ("down later", 400, 406)]
    )
    func setBack(when: String, from: Int, to: Int) async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainLifecycle], start: .seconds(1_000))
        await bench.watcher.start()
        try await eventually("it is listed") { bench.watcher.status.classes[.domain]?.listed == at(1_000) }
        if when == "down later" { bench.scheduler.advance(by: .seconds(5)) }
        if !when.hasPrefix("down") { bench.setClock(back: .seconds(600)) }
        if when == "connected" {
            bench.scheduler.advance(by: .seconds(5))
            bench.driver.connections[0].emit("a")
            try await bench.reports("up 1", "a")
            #expect(await bench.watcher.lost == nil)
            #expect(bench.watcher.status.heard.connection == at(400))
        }
        bench.driver.connections[0].inlet.closed(.eof)
        try await bench.retryIsScheduled(after: .seconds(1))
        if when.hasPrefix("down") { bench.setClock(back: .seconds(600)) }
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("the gap is told") { bench.gaps.count == 1 }
        #expect(bench.gaps.map(\.from) == [at(from)] && bench.gaps.map(\.to) == [at(to)])
        await bench.watcher.stop()
    }
}
