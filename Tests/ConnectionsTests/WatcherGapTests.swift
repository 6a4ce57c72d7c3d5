import Connections
import TestSupport
import Testing

@Suite("Watcher: what was not heard", .timeLimit(.minutes(10)))
struct WatcherGapTests {
    typealias Word = ObjectState.Word
    let key = ObjectKey.uuid(ObjectUUID(number: 7))

    func at(_ seconds: Int) -> Timestamp { Timestamp(microseconds: 0) + .seconds(seconds) }

    func isListed(_ bench: WatcherBench, _ count: Int, _ object: EventKind.Object = .domain) async throws {
        try await bench.until("\(object) is listed", detail: { "\(bench.driver.listed) \(bench.watcher.status)" }) {
            bench.driver.listed.count { $0 == object } == count
                && bench.watcher.status.classes[object]?.listed == Timestamp(microseconds: 0) + bench.scheduler.now
        }
    }

    /// A watcher that has listed what is shown.
    func bench(
        _ driver: FakeDriver,
        inFlightLimit: Int = 10,
        kinds: [EventKind] = [.domainLifecycle],
        _ objects: ListedObject...
    ) async throws -> WatcherBench {
        let bench = try WatcherBench(driver, inFlightLimit: inFlightLimit, kinds: kinds)
        driver.show(.domain, objects)
        await bench.watcher.start()
        try await isListed(bench, 1)
        #expect(bench.repairs == [], "that was the first sight")
        return bench
    }

    /// Loses the connection; the next one comes a second later.
    func reconnect(_ bench: WatcherBench, _ reason: DownReason = .eof) async throws {
        let count = bench.driver.connections.count
        bench.driver.connections.last?.inlet.closed(reason)
        try await bench.retryIsScheduled(after: .seconds(1))
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("it is connected to again") { bench.driver.connections.count == count + 1 }
    }

    func domains(_ bench: WatcherBench) async -> [ObjectKey: ObjectState]? {
        await bench.watcher.state.objects(of: .domain)
    }

    @Test("after an outage what is another is told in steps, then the gap")
    func repairs() async throws {
        let bench = try await bench(FakeDriver(), .domain("a"), .domain("b", number: 8, active: false, Word.shutoff))
        bench.scheduler.advance(by: .seconds(5))
        bench.driver.show(.domain, .domain("b", number: 8, Word.paused), .domain("c", number: 9, persistent: false))
        try await reconnect(bench)
        try await bench.repairs("stopped a", "undefined a", "started b", "suspended b", "started c", "gap daemon 5")
        #expect(bench.words(of: bench.everything).prefix(3) == ["up 1", "down eof", "up 1"])
        #expect(bench.gaps == [HostGap(from: at(0), to: at(6), classes: [.domain], cause: .daemon, synthesised: 5)])
        let synthetic = bench.everything.compactMap(\.synthetic)
        #expect(Set(synthetic) == [Synthesis(.resync, from: at(0), to: at(6))])
        #expect(await domains(bench)?.count == 2)
        // Each step has what it changes, and nothing else is changed.
        let changes = bench.changes.filter { $0.object == .domain && $0.at == at(6) }.map { $0.state?.state }
        #expect(changes == [Word.shutoff, nil, Word.running, Word.paused, Word.running])
        try await bench.nothingIsPlanned()
        await bench.watcher.stop()
    }

    @Test("when nothing has changed there is the gap, and nothing else")
    func nothing() async throws {
        let bench = try await bench(FakeDriver(), .domain("a"))
        bench.scheduler.advance(by: .seconds(8))
        bench.driver.connections[0].emit("a", 0, 1)
        try await bench.reports("up 1", "a")
        bench.scheduler.advance(by: .seconds(4))
        #expect(bench.watcher.status.heard == LastHeard(connection: at(3), classes: [.domain: at(3)]))
        try await reconnect(bench)
        try await bench.repairs("gap daemon 0")
        #expect(bench.gaps.map(\.from) == [at(3)], "the last callback was the last proof, of 5 s before it at most")
        #expect(bench.gaps.map(\.to) == [at(13)])
        let hearing = bench.changes.filter { $0.object == .host }.map { "\($0.state != nil) \($0.at)" }
        #expect(hearing == ["true \(at(0))", "false \(at(3))", "true \(at(13))"], "the history, too")
        await bench.watcher.stop()
    }

    @Test("what was before our own life is a gap, with all that has changed meanwhile")
    func formerLife() async throws {
        var state = HostState()
        _ = state.replace(.domain, with: [.domain("a")], at: at(0))
        let bench = try WatcherBench(
            FakeDriver(.fail(.refused)),
            kinds: [.domainLifecycle, .domainReboot, .poolRefresh],
            state: state,
            heard: LastHeard(connection: at(50), classes: [.domain: at(10)]),
            start: .seconds(100)
        )
        bench.driver.show(.domain, .domain("a", active: false, Word.shutoff))
        await bench.watcher.start()
        try await bench.reports("down refused")
        #expect(bench.watcher.status.heard.connection == at(50), "should we die again before it is told")
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("stopped a", "gap self 1")
        #expect(
            bench.gaps == [
                HostGap(from: at(50), to: at(101), classes: [.domain, .pool], cause: .self, synthesised: 1)
            ]
        )
        #expect(bench.watcher.status.heard.connection == at(101))
        await bench.watcher.stop()
    }

    @Test("what must have come before an object's first event is told before it, while its class is being listed")
    func prerequisites() async throws {
        let bench = try await bench(FakeDriver(), .domain("a", active: false, Word.shutoff))
        bench.driver.holdListings(of: .domain)
        try await reconnect(bench)
        try await eventually("it is being listed") { bench.driver.listed.count == 2 }
        bench.driver.connections[1].emit("a", 5)
        bench.driver.connections[1].emit("a", 5)
        try await bench.reports("up 1", "down eof", "up 1", "a", "a")
        #expect(bench.steps.suffix(3) == ["started a", "stopped a", "stopped a"])
        bench.driver.letGoListings()
        try await isListed(bench, 2)
        #expect(bench.repairs == ["started a"], "it is looked at again before the gap is told")
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("started a", "gap daemon 1")
        bench.driver.connections[1].emit("a", 5)
        try await bench.reports("up 1", "down eof", "up 1", "a", "a", "a")
        #expect(bench.repairs == ["started a", "gap daemon 1"], "libvirt's own order is not judged")
        await bench.watcher.stop()
    }

    @Test("a callback that a listing has overtaken is not told twice, and is counted")
    func overtaken() async throws {
        let bench = try await bench(FakeDriver(), .domain("a", active: false, Word.shutoff))
        bench.driver.show(.domain, .domain("a"))
        try await reconnect(bench)
        try await bench.repairs("started a", "gap daemon 1")
        bench.driver.connections[1].emit("a", 2)
        bench.driver.connections[1].emit("a", 2)
        try await bench.reports("up 1", "down eof", "up 1", "a")
        #expect(bench.watcher.inFlight.counts.suppressed == 1)
        // The other one has its place until the journal has it.
        #expect(bench.watcher.inFlight.current == 1)
        await bench.watcher.stop()
    }

    @Test("the end of a domain that was told to have ended and started again is told")
    func endsAgain() async throws {
        let bench = try await bench(FakeDriver(), .domain("a", Word.crashed))
        bench.driver.show(.domain, .domain("a"))
        try await reconnect(bench)
        try await bench.repairs("stopped a", "started a", "gap daemon 2")
        bench.scheduler.advance(by: .seconds(3))
        bench.driver.connections[1].emit("a", 5)
        try await bench.reports("up 1", "down eof", "up 1", "a")
        #expect(await domains(bench)?[key]?.state == Word.shutoff)
        await bench.watcher.stop()
    }

    @Test(
        "what is known of an outage tells its cause",
        arguments: [
            ("qemu+tcp://kvm01/system", DownReason.eof, [DownReason.refused], Int?.none, GapCause.daemon),
            ("qemu+tcp://kvm01/system", .keepalive, [.timeout], nil, .network),
            ("qemu+tcp://kvm01/system", .eof, [], nil, .unknown), ("qemu+tcp://kvm01/system", .eof, [], 1, .host),
            ("qemu+tcp://kvm01/system", .eof, [], 10_000, .unknown), ("qemu:///system", .eof, [], nil, .daemon),
        ]
    )
    func cause(uri: String, loss: DownReason, failures: [DownReason], uptime: Int?, cause: GapCause) async throws {
        let driver = FakeDriver()
        driver.show(uptime: .seconds(9_000))
        let bench = try WatcherBench(driver, uri: uri, kinds: [.domainLifecycle])
        await bench.watcher.start()
        try await isListed(bench, 1)
        driver.show(uptime: uptime.map { .seconds($0) })
        driver.script(outcomes: failures.map { .fail($0) } + (failures == [.timeout] ? [.fail(.timeout)] : []))
        driver.connections[0].inlet.closed(loss)
        for delay in [1, 2].prefix(failures.count + 1) {
            try await bench.retryIsScheduled(after: .seconds(delay))
            bench.scheduler.advance(by: .seconds(delay))
        }
        try await bench.repairs("gap \(cause.rawValue) 0")
        await bench.watcher.stop()
    }
}
