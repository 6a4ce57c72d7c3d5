import Connections
import TestSupport
import Testing

@Suite("Watcher: grace, pause and change", .timeLimit(.minutes(10)))
struct WatcherControlTests {
    @Test("an outage within the grace is not told, a longer one is told when the grace is over")
    func grace() async throws {
        let bench = try WatcherBench(FakeDriver(.succeed, .succeed, .fail(.refused)), downGrace: .seconds(30))
        await bench.watcher.start()
        try await bench.reports("up 1")
        bench.driver.connections[0].inlet.closed(.eof)
        try await eventually("it is down, and says so in its status") { bench.watcher.status.phase == .down }
        bench.scheduler.advance(by: .seconds(1))
        try await bench.until("it is up again") { bench.watcher.status.phase == .up }
        #expect(bench.words == ["up 1"])
        try await bench.nothingIsPlanned()
        bench.driver.connections[1].inlet.closed(.eof)
        try await bench.isPlanned(.seconds(2), .seconds(30))
        bench.scheduler.advance(by: .seconds(2))
        try await eventually("the retry failed") { bench.watcher.status.down?.reason == .refused }
        try await bench.isPlanned(.seconds(4), .seconds(28))
        #expect(bench.words == ["up 1"])
        // The retry, due at the same time, has no result before that.
        bench.driver.script(.hangThenSucceed)
        bench.scheduler.advance(by: .seconds(28))
        try await bench.reports("up 1", "down refused")
        bench.driver.release()
        try await bench.reports("up 1", "down refused", "up 2")
        await bench.watcher.stop()
    }

    @Test("a wall clock that is set back within the grace does not make it longer")
    func graceByItsOwnClock() async throws {
        let bench = try WatcherBench(FakeDriver(), downGrace: .seconds(30))
        await bench.watcher.start()
        try await bench.reports("up 1")
        bench.driver.script(.hang)
        bench.driver.connections[0].inlet.closed(.eof)
        try await bench.isPlanned(.seconds(1), .seconds(30))
        bench.setClock(back: .seconds(600))
        await bench.watcher.update(bench.host)
        bench.scheduler.advance(by: .seconds(30))
        try await eventually("it is told", detail: { "\(bench.words)" }) { bench.words.contains("down eof") }
        await bench.watcher.stop()
    }

    @Test("a paused host relays events, is silent about its ups and downs, and says what still holds when it ends")
    func pause() async throws {
        let bench = try WatcherBench(FakeDriver(.succeed, .fail(.refused)))
        await bench.watcher.start()
        try await bench.reports("up 1")
        let until = Timestamp(microseconds: 0) + .seconds(60)
        await bench.watcher.pause(Pause(by: "ann", until: until))
        bench.driver.connections[0].emit("heard")
        try await bench.reports("up 1", "paused by ann", "heard")
        bench.driver.connections[0].inlet.closed(.eof)
        try await eventually("it is down, and says so in its status") { bench.watcher.status.phase == .down }
        #expect(bench.watcher.status.pause?.by == "ann")
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("the retry failed") { bench.watcher.status.down?.reason == .refused }
        await bench.watcher.resume(by: "bob")
        try await bench.reports("up 1", "paused by ann", "heard", "resumed by bob", "down refused")
        #expect(bench.watcher.status.pause == nil)
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    @Test("a pause of a former life holds, and ends by itself")
    func pauseEnds() async throws {
        let until = Timestamp(microseconds: 0) + .seconds(60)
        let bench = try WatcherBench(FakeDriver(), pause: Pause(by: "ann", until: until))
        await bench.watcher.start()
        try await eventually("it is up") { bench.watcher.status.phase == .up }
        #expect(bench.words == [])
        bench.scheduler.advance(by: .seconds(60))
        try await bench.reports("resumed by the end of the pause", "up 1")
        await bench.watcher.stop()
    }

    @Test("other kinds are registered on the connection that is there, the last wish at the end")
    func kinds() async throws {
        let bench = try WatcherBench(FakeDriver())
        await bench.watcher.start()
        try await bench.reports("up 1")
        for kinds in [[EventKind.domainLifecycle], [], [.poolRefresh, .domainReboot]] {
            var host = bench.host
            host.kinds = kinds
            await bench.watcher.update(host)
        }
        try await eventually("the last wish is granted") {
            bench.watcher.status.facts?.registered == [.poolRefresh, .domainReboot]
        }
        #expect(bench.driver.attempts == 1)
        #expect(bench.words == ["up 1"])
        await bench.watcher.stop()
    }

    @Test("a host that leaves says so, unless it is paused", arguments: [true, false])
    func goodbye(isPaused: Bool) async throws {
        let bench = try WatcherBench(FakeDriver())
        await bench.watcher.start()
        try await bench.reports("up 1")
        if isPaused { await bench.watcher.pause(Pause(by: "ann")) }
        for _ in 0..<2 {
            await bench.watcher.stop(because: EstablishFailure(.inventory, "it is no longer in the inventory"))
        }
        #expect(bench.words == ["up 1", isPaused ? "paused by ann" : "down inventory"])
    }

    @Test(
        "the certificates of a TLS host are looked at soon after the start and then daily; what ends soon is told once"
    )
    func certificates() async throws {
        let bench = try WatcherBench(FakeDriver(), uri: "test+tls://localhost/default")
        let day = Duration.seconds(86_400)
        let certificate = TLSCertificate(
            subject: "CN=kvm01",
            issuer: "CN=ca",
            notBefore: Timestamp(microseconds: 0),
            notAfter: Timestamp(microseconds: 0) + day * 6,
            names: "",
            fingerprint: "01"
        )
        bench.driver.show(TLSVerdict(server: certificate))
        await bench.watcher.start()
        try await bench.reports("up 1")
        for word in ["certificate host 6", nil, nil, nil, nil, "certificate host 1"] {
            let before = bench.words
            try await bench.rest()
            #expect(bench.scheduler.pending.count == 1, "the next look")
            bench.scheduler.advance(by: bench.scheduler.pending.first ?? .zero)
            try await bench.rest()
            #expect(bench.words == before + (word.map { [$0] } ?? []))
        }
        #expect(bench.watcher.status.certificates?.server == certificate)
        await bench.watcher.stop()
        try await bench.nothingIsPlanned()
    }

    @Test("a watcher that was stopped before it began does not begin")
    func stopsBeforeStart() async throws {
        let until = Timestamp(microseconds: 0) + .seconds(60)
        let pause = Pause(by: "ann", until: until)
        let bench = try WatcherBench(FakeDriver(), uri: "test+tls://localhost/default", pause: pause)
        await bench.watcher.stop()
        await bench.watcher.start()
        try await bench.nothingIsPlanned()
        #expect(bench.watcher.status.phase == .stopped)
        #expect(bench.driver.attempts == 0)
    }

    @Test("a host whose try still waits for its turn stops at once")
    func stopsInTheQueue() async throws {
        let scheduler = ManualScheduler()
        let pool = BlockingPool(caps: [.openFast: 1], scheduler: scheduler)
        let driver = FakeDriver(.hang)
        let watchers = try ["first", "second"].map { name in
            Watcher(
                Host(name: name, uri: try LibvirtURI("test:///default")),
                environment: WatcherEnvironment(driver: driver, pool: pool, scheduler: scheduler, logger: .silent)
            ) { _ in }
        }
        await watchers[0].start()
        try await eventually("the first one has the only thread") { driver.attempts == 1 && pool.counters.running == 1 }
        await watchers[1].start()
        try await eventually("the second one waits") { pool.counters.waiting == 1 }
        await watchers[1].stop()
        #expect(watchers[1].status.phase == .stopped)
        #expect(pool.counters.waiting == 0)
        await watchers[0].stop()
    }

    @Test("a shorter grace holds for an outage that is under way")
    func shorterGrace() async throws {
        let bench = try WatcherBench(FakeDriver(.succeed, .fail(.refused)), downGrace: .seconds(3_600))
        await bench.watcher.start()
        try await bench.reports("up 1")
        bench.driver.connections[0].inlet.closed(.eof)
        try await eventually("it is down") { bench.watcher.status.phase == .down }
        var host = bench.host
        host.downGrace = .seconds(5)
        await bench.watcher.update(host)
        try await bench.isPlanned(.seconds(1), .seconds(5))
        host.downGrace = .zero
        await bench.watcher.update(host)
        bench.scheduler.advance(by: .zero)
        try await bench.reports("up 1", "down eof")
        await bench.watcher.stop()
    }

    @Test("a kind that is refused for the moment is asked for again, after a minute and at a reload")
    func passingRefusal() async throws {
        let bench = try WatcherBench(FakeDriver())
        bench.driver.refuse([.networkLifecycle, .poolLifecycle])
        await bench.watcher.start()
        try await bench.reports("up 1")
        try await bench.isPlanned(.seconds(72))
        #expect(bench.watcher.status.facts?.refused.map(\.kind) == [.networkLifecycle, .poolLifecycle])
        bench.driver.refuse([.poolLifecycle])
        bench.scheduler.advance(by: .seconds(72))
        try await eventually("networks are heard") {
            bench.watcher.status.facts?.refused.map(\.kind) == [.poolLifecycle]
        }
        bench.driver.refuse([])
        await bench.watcher.update(bench.host)
        try await eventually("pools, too") { bench.watcher.status.facts?.refused == [] }
        #expect(bench.watcher.status.facts?.registered == EventKind.all)
        try await eventually("nothing more is to be asked for") { bench.scheduler.pending.isEmpty }
        #expect(bench.driver.attempts == 1)
        await bench.watcher.stop()
    }

    @Test("a change of kinds that hangs on a lost connection keeps the next one from nothing")
    func hangingChange() async throws {
        let bench = try WatcherBench(FakeDriver())
        await bench.watcher.start()
        try await bench.reports("up 1")
        let first = bench.driver.connections[0]
        first.hang()
        let fewer = Connections.Host(name: bench.host.name, uri: bench.host.uri, kinds: [.domainLifecycle])
        await bench.watcher.update(fewer)
        first.inlet.closed(.eof)
        try await bench.reports("up 1", "down eof")
        bench.driver.refuse([.domainLifecycle])
        bench.scheduler.advance(by: .seconds(1))
        try await bench.reports("up 1", "down eof", "up 1")
        bench.driver.refuse([])
        let more = Connections.Host(
            name: bench.host.name,
            uri: bench.host.uri,
            kinds: [.domainLifecycle, .poolRefresh]
        )
        await bench.watcher.update(more)
        try await eventually("the new connection has what is wanted") {
            bench.watcher.status.facts?.registered == [.domainLifecycle, .poolRefresh]
        }
        first.release()
        await bench.watcher.stop()
        #expect(bench.watcher.status.facts?.registered == [.domainLifecycle, .poolRefresh])
    }
}
