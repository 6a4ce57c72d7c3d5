import Connections
import TestSupport
import Testing

@Suite("Watcher: why something was not heard", .timeLimit(.minutes(10)))
struct WatcherCauseTests {
    /// A watcher of a host that is not this machine, with its domains and networks listed.
    private func bench(_ driver: FakeDriver) async throws -> WatcherBench {
        let kinds: [EventKind] = [.domainLifecycle, .networkLifecycle]
        let bench = try WatcherBench(driver, uri: "qemu+tcp://kvm01/system", kinds: kinds)
        await bench.watcher.start()
        try await eventually("all is listed") { bench.watcher.status.classes.count == 2 }
        return bench
    }

    private func retry(_ bench: WatcherBench, after seconds: Int) async throws {
        try await bench.retryIsScheduled(after: .seconds(seconds))
        bench.scheduler.advance(by: .seconds(seconds))
    }

    @Test("a connection that is lost before it is heard leaves the outage the cause it had")
    func lostAtOnce() async throws {
        let bench = try await bench(FakeDriver(.succeed, .fail(.refused), .loseAtOnce(.eof), .succeed))
        bench.driver.connections[0].inlet.closed(.eof)
        for delay in [1, 2, 4] { try await retry(bench, after: delay) }
        try await bench.repairs("gap daemon 0")
        await bench.watcher.stop()
    }

    @Test("a class that falls silent on a connection that lives has a cause of its own, not that of the last outage")
    func silentClass() async throws {
        let bench = try await bench(FakeDriver(.succeed, .fail(.route), .succeed))
        bench.driver.connections[0].inlet.closed(.keepalive)
        for delay in [1, 2] { try await retry(bench, after: delay) }
        try await bench.repairs("gap network 0")
        bench.driver.refuse([.networkLifecycle])
        var host = bench.host
        host.kinds.append(.domainReboot)
        await bench.watcher.update(host)
        try await eventually("networks are refused") { bench.watcher.status.facts?.refused.isEmpty == false }
        bench.driver.refuse([])
        await bench.watcher.update(host)
        try await bench.repairs("gap network 0", "gap daemon 0")
        #expect(bench.gaps.last?.classes == [.network])
        await bench.watcher.stop()
    }
}
