import TestSupport
import Testing

@testable import Connections

@Suite("Watcher: another hypervisor under the name", .timeLimit(.minutes(10)))
struct WatcherIdentityTests {
    typealias Word = ObjectState.Word

    private let off = ListedObject.domain("a", active: false, Word.shutoff)
    private let others = ListedObject.domain("c", number: 9)

    /// A watcher 100 s after a former life, in which the host said that it is `u` and had two domains.
    private func bench(inFlightLimit: Int = 10) throws -> WatcherBench {
        var state = HostState()
        let domains = [ListedObject.domain("a"), .domain("b", number: 8)]
        _ = state.replace(.domain, with: domains, at: Timestamp(microseconds: 0))
        return try WatcherBench(
            FakeDriver(),
            inFlightLimit: inFlightLimit,
            kinds: [.domainLifecycle],
            state: state,
            heard: LastHeard(connection: Timestamp(microseconds: 50_000_000)),
            uuid: "u",
            start: .seconds(100)
        )
    }

    @Test(
        "what another hypervisor does not have is not gone, but what its daemon does not under a UUID that is new",
        arguments: [
            ("v", true, ["gap changed 0"]), ("u", true, ["stopped b", "undefined b", "stopped a", "undefined a"]),
            ("v", false, ["stopped a", "gap self 1"]), (nil, false, ["stopped a", "gap self 1"]),
        ]
    )
    func formerLife(uuid: String?, isOther: Bool, repairs: [String]) async throws {
        let bench = try bench()
        bench.driver.identify(as: uuid)
        bench.driver.show(.domain, isOther ? [others] : [off, .domain("b", number: 8)])
        await bench.watcher.start()
        try await eventually("the gap is told") { bench.gaps.count == 1 }
        #expect(Set(repairs).isSubset(of: bench.repairs))
        if bench.gaps.first?.cause == .changed {
            #expect(bench.repairs == repairs)
            let objects = bench.changes.filter { $0.object == .domain && !$0.key.isEmpty }
            #expect(objects.map { $0.state?.name } == [nil, nil, "c"], "the history has it")
        }
        await bench.watcher.stop()
    }

    @Test("one that takes a name while the service runs is met once, what it tells before it is listed is told")
    func meets() async throws {
        let bench = try bench()
        bench.driver.identify(as: "u")
        bench.driver.show(.domain, .domain("a"), .domain("b", number: 8))
        await bench.watcher.start()
        try await bench.repairs("gap self 0")
        bench.driver.identify(as: "v")
        bench.driver.show(.domain, others, .domain("d", number: 10))
        bench.driver.holdListings(of: .domain)
        bench.driver.connections[0].inlet.closed(.eof)
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("it is being listed") { bench.driver.listed.count == 2 }
        bench.driver.connections[1].emit("d", 3, number: 10)
        try await bench.reports("up 1", "down eof", "up 1", "d")
        bench.driver.letGoListings()
        try await eventually("it is to be looked at again") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.driver.show(.domain, others, .domain("d", number: 10, Word.paused))
        bench.scheduler.advance(by: .seconds(1))
        try await eventually("the gap is told", detail: { "\(bench.repairs)" }) { bench.gaps.count == 2 }
        #expect(bench.gaps.last?.cause == .changed)
        #expect(bench.steps.allSatisfy { $0.hasSuffix(" d") }, "\(bench.steps)")
        #expect(await bench.watcher.state.objects(of: .domain)?.values.map(\.name).sorted() == ["c", "d"])
        bench.driver.show(.domain, others)
        bench.driver.connections[1].inlet.closed(.eof)
        try await bench.retryIsScheduled(after: .seconds(2))
        bench.scheduler.advance(by: .seconds(2))
        try await eventually("what is gone there is told", detail: { "\(bench.repairs)" }) {
            bench.repairs.suffix(3) == ["stopped d", "undefined d", "gap daemon 2"]
        }
        await bench.watcher.stop()
    }

    @Test("one that was not compared is still another in the next life")
    func notCompared() async throws {
        let bench = try bench()
        bench.driver.identify(as: "v")
        bench.driver.show(.domain, others)
        bench.driver.holdListings(of: .domain)
        await bench.watcher.start()
        try await eventually("it has said who it is") { bench.watcher.status.hostUUID == "v" }
        #expect(bench.watcher.status.comparedUUID == "u")
        await bench.watcher.stop()
        bench.driver.letGoListings()
        let next = try WatcherBench(
            bench.driver,
            kinds: bench.host.kinds,
            state: await bench.watcher.state,
            heard: bench.watcher.status.heard,
            uuid: bench.watcher.status.comparedUUID,
            start: .seconds(200)
        )
        await next.watcher.start()
        try await next.repairs("gap changed 0")
        #expect(next.watcher.status.comparedUUID == "v")
        await next.watcher.stop()
    }

    @Test("what another hypervisor told before it was listed is put right")
    func tellsAndIsLost() async throws {
        let bench = try bench()
        bench.driver.identify(as: "v")
        bench.driver.holdListings(of: .domain)
        await bench.watcher.start()
        try await eventually("it is being listed") { bench.driver.listed.count == 1 }
        bench.driver.connections[0].emit("d", number: 10)
        try await bench.reports("up 1", "d")
        bench.driver.connections[0].inlet.closed(.eof)
        try await eventually("a retry is scheduled") { bench.scheduler.pending.contains(.seconds(1)) }
        bench.driver.show(.domain, others)
        bench.driver.letGoListings()
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("stopped d", "gap changed 1")
        await bench.watcher.stop()
    }

    @Test("devices, which are called the same everywhere, go with the rest")
    func devices() {
        var stranger = Stranger()
        func isFound(_ object: EventKind.Object, _ known: ObjectKey, _ listed: ObjectKey) -> Bool {
            stranger.isFound(in: object, known: [known], listed: [listed])
        }
        let device = ObjectKey.name("computer")
        #expect(!isFound(.domain, off.key, others.key), "nobody has suspected it")
        for other in [off.key, others.key] {
            stranger.suspect([.domain, .nodedev])
            #expect(isFound(.domain, off.key, other) == (other == others.key))
            #expect(isFound(.nodedev, device, device) == (other == others.key))
            #expect(!isFound(.domain, off.key, others.key), "it is compared once")
        }
    }
}
