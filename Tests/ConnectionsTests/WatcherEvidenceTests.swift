import TestSupport
import Testing

@testable import Connections

@Suite("Watcher: what tells why a host was lost, and that it is", .timeLimit(.minutes(10)))
struct WatcherEvidenceTests {
    private func at(_ seconds: Int) -> Timestamp { Timestamp(microseconds: 0) + .seconds(seconds) }

    /// The call under way is past the deadline, the connection given up, and there is another.
    private func giveUp(_ bench: WatcherBench, patience: Int) async throws {
        let count = bench.driver.connections.count
        try await eventually("its deadline is set") { bench.scheduler.pending.contains(.seconds(5)) }
        bench.scheduler.advance(by: .seconds(5))
        try await bench.until("there is doubt") { bench.watcher.status.degraded.keys.contains(.probe) }
        bench.scheduler.advance(by: .seconds(patience))
        try await bench.until("it is given up") { bench.watcher.status.phase == .down }
        try await reconnect(bench, count + 1)
    }

    private func reconnect(_ bench: WatcherBench, _ count: Int) async throws {
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.scheduler.advance(by: .seconds(1))
        try await bench.until("there is another") { bench.driver.connections.count == count }
    }

    @Test(
        "a host that does not say how long it has been up is listed all the same, and not asked on every connection",
        arguments: [[EventKind.domainLifecycle], [.domainReboot]]
    )
    func uptime(kinds: [EventKind]) async throws {
        var state = HostState()
        _ = state.replace(.domain, with: [.domain("a")], at: at(0))
        let driver = FakeDriver()
        driver.show(.domain, .domain("a", active: false, ObjectState.Word.shutoff))
        driver.holdUptimes()
        let bench = try WatcherBench(
            driver,
            kinds: kinds,
            state: state,
            heard: LastHeard(connection: at(50)),
            start: .seconds(100)
        )
        await bench.watcher.start()
        try await giveUp(bench, patience: 20)
        let repairs = kinds == [.domainLifecycle] ? ["stopped a", "gap self 1"] : ["gap self 0"]
        try await bench.until("it is made up for", detail: { "\(bench.repairs)" }) { bench.repairs == repairs }
        try await giveUp(bench, patience: 40)
        try await bench.until("and again", detail: { "\(bench.repairs)" }) {
            bench.repairs == repairs + ["gap daemon 0"]
        }
        #expect(bench.watcher.status.phase == .up)
        #expect(bench.pool.counters.stuck.count == 2, "nothing is asked any more")
        driver.letGoUptimes(2)
        try await eventually("they return") { bench.pool.counters.stuck == [] }
        driver.show(uptime: .seconds(9_000))
        bench.scheduler.advance(by: .seconds(3_600))
        driver.connections[2].inlet.closed(.eof)
        try await reconnect(bench, 4)
        try await bench.until("it says so after an hour") { await bench.watcher.uptime != nil }
        await bench.watcher.stop()
    }

    @Test("a clock of ours that is set forward is no boot of every host")
    func clock() async throws {
        let driver = FakeDriver()
        driver.show(uptime: .seconds(9_000))
        let bench = try WatcherBench(driver, kinds: [.domainLifecycle])
        await bench.watcher.start()
        try await bench.until("it has said so") { await bench.watcher.uptime != nil }
        bench.setClock(back: .seconds(-30 * 86_400))
        bench.scheduler.advance(by: .seconds(10))
        driver.show(uptime: .seconds(9_010))
        driver.connections[0].inlet.closed(.eof)
        try await reconnect(bench, 2)
        try await bench.repairs("gap daemon 0")
        await bench.watcher.stop()
    }

    @Test(
        "where a command leads nobody knows: an outage on the way is not the daemon's",
        arguments: [
            ("qemu+ext:///system?command=/x", GapCause.network), ("qemu:///system", .daemon),
            ("qemu+unix:///system?socket=/x", .daemon),
        ]
    )
    func command(uri: String, cause: GapCause) async throws {
        let bench = try WatcherBench(FakeDriver(.succeed, .fail(.route)), uri: uri, kinds: [.domainLifecycle])
        await bench.watcher.start()
        try await bench.until("it is listed") { bench.watcher.status.classes[.domain]?.listed != nil }
        bench.driver.connections[0].inlet.closed(.keepalive)
        for delay in [1, 2] {
            try await bench.retryIsScheduled(after: .seconds(delay))
            bench.scheduler.advance(by: .seconds(delay))
        }
        try await bench.repairs("gap \(cause.rawValue) 0")
        await bench.watcher.stop()
    }

    @Test("a connection that a call finds closed is lost, though no close callback says so")
    func silentEnd() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainReboot], probe: .seconds(30))
        await bench.watcher.start()
        try await bench.reports("up 1")
        try await bench.retryIsScheduled(after: .seconds(33))
        bench.driver.connections[0].close()
        bench.scheduler.advance(by: .seconds(33))
        try await bench.isPlanned(.seconds(1), .seconds(33))
        #expect(bench.watcher.status.phase == .up)
        bench.scheduler.advance(by: .seconds(1))
        try await bench.reports("up 1", "down error")
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    @Test("a close callback that comes after such a call gives the reason")
    func lateWord() async throws {
        let bench = try WatcherBench(FakeDriver(), kinds: [.domainReboot], probe: .seconds(30))
        await bench.watcher.start()
        try await bench.retryIsScheduled(after: .seconds(33))
        bench.driver.connections[0].close()
        bench.scheduler.advance(by: .seconds(33))
        try await bench.isPlanned(.seconds(1), .seconds(33))
        bench.driver.connections[0].inlet.closed(.keepalive)
        try await bench.reports("up 1", "down keepalive")
        try await bench.retryIsScheduled(after: .seconds(1))
        bench.scheduler.advance(by: .seconds(1))
        try await bench.reports("up 1", "down keepalive", "up 1")
        bench.scheduler.advance(by: .seconds(1))
        try await bench.reports("up 1", "down keepalive", "up 1")
        await bench.watcher.stop()
    }
}
