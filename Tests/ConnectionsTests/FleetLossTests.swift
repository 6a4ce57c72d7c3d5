import Connections
import Logging
import TestSupport
import Testing

@Suite("Watchers of a fleet", .timeLimit(.minutes(10)))
struct FleetLossTests {
    @Test("five hundred hosts that are lost at once come back over five seconds, a hundred in the first")
    func storm() async throws {
        let scheduler = ManualScheduler()
        let driver = FakeDriver()
        let environment = WatcherEnvironment(
            driver: driver,
            pool: BlockingPool(scheduler: scheduler),
            scheduler: scheduler,
            now: { Timestamp(microseconds: 0) + scheduler.now },
            probe: .zero,
            audit: .zero,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let watchers = try (0..<500).map { number in
            var own = environment
            own.random = SeededRandom(seed: UInt64(number))
            let host = Host(name: "h\(number)", uri: try LibvirtURI("test:///default"), kinds: [.poolRefresh])
            return Watcher(host, environment: own) { _ in }
        }
        for watcher in watchers { await watcher.start() }
        try await eventually("all are up") { watchers.allSatisfy { $0.status.phase == .up } }
        for connection in driver.connections { connection.inlet.closed(.eof) }
        try await eventually("all are lost") { watchers.allSatisfy { $0.status.phase == .down } }
        let retries = watchers.compactMap { $0.status.down?.nextAttempt }.map {
            Timestamp(microseconds: 0).duration(to: $0)
        }
        #expect(retries.count == 500)
        #expect(retries.count { $0 < .seconds(1) } == 100)
        #expect(retries.allSatisfy { $0 < .seconds(6) })
        let crowds = Dictionary(grouping: retries) { Int($0 / LossSpread.slot) }.values.map(\.count)
        #expect(crowds.allSatisfy { $0 <= LossSpread.perSlot })
        scheduler.advance(by: .seconds(6))
        try await eventually("all are back") { watchers.allSatisfy { $0.status.phase == .up } }
        #expect(driver.attempts == 1_000)
        for watcher in watchers { await watcher.stop() }
    }
}
