import TestSupport
import Testing

@testable import Connections

@Suite("Watcher: classes that cannot be heard", .timeLimit(.minutes(10)))
struct WatcherAwayTests {
    private let network = ListedObject(
        key: .uuid(ObjectUUID(number: 7)),
        state: ObjectState(name: "n", persistent: true, active: false, state: ObjectState.Word.inactive)
    )

    private func at(_ seconds: Int) -> Timestamp { Timestamp(microseconds: 0) + .seconds(seconds) }

    /// A watcher 100 s after a former life, whose host refuses networks.
    private func bench(state: HostState = HostState(), heard: LastHeard) throws -> WatcherBench {
        let driver = FakeDriver()
        driver.refuse([.networkLifecycle])
        driver.show(.network, [network])
        let kinds: [EventKind] = [.domainLifecycle, .networkLifecycle]
        return try WatcherBench(driver, kinds: kinds, state: state, heard: heard, start: .seconds(100))
    }

    @Test("a class that was never heard has no gap, and keeps nobody's last proof, through drops either")
    func neverHeard() async throws {
        let bench = try bench(heard: LastHeard(connection: at(50)))
        await bench.watcher.start()
        try await bench.repairs("gap self 0")
        #expect(bench.gaps.map(\.classes) == [[.domain]])
        #expect(await bench.watcher.lost == nil)
        #expect(bench.watcher.status.heard == LastHeard(connection: at(100), classes: [.domain: at(100)]))
        bench.scheduler.advance(by: .seconds(5))
        await bench.watcher.resync(lost: Lost(from: at(101), isEverything: true))
        #expect(bench.watcher.status.isUntold)
        bench.scheduler.advance(by: .seconds(1))
        try await bench.repairs("gap self 0", "gap dropped 0")
        #expect(await bench.watcher.lost == nil)
        #expect(bench.watcher.status.heard.connection == at(106))
        #expect(!bench.watcher.status.isUntold)
        await bench.watcher.stop()
    }

    @Test("what changed while nothing was heard of a class, in a life before this one as well, is told once")
    func silentInFormerLife() async throws {
        let active = ListedObject(
            key: network.key,
            state: ObjectState(name: "n", persistent: true, active: true, state: ObjectState.Word.active)
        )
        var former = HostState()
        var rows = former.replace(.network, with: [active], at: at(10)) + former.silence(.network, at: at(20))
        for repairs in [["stopped n", "gap self 1"], ["gap self 0"]] {
            let driver = FakeDriver()
            driver.show(.network, [network])
            let bench = try WatcherBench(
                driver,
                kinds: [.networkLifecycle],
                state: HostState(rows),
                heard: LastHeard(connection: at(50), classes: [.network: at(15)]),
                start: .seconds(100)
            )
            await bench.watcher.start()
            try await eventually("\(repairs)", detail: { "\(bench.repairs)" }) { bench.repairs == repairs }
            await bench.watcher.stop()
            rows += bench.changes
        }
    }

    @Test(
        "a class whose lifecycle nobody wants has its gap, too, once it is heard again, from where it was heard last",
        arguments: [([], 50), ([.secret], 40)] as [(Set<EventKind.Object>, Int)]
    )
    func withoutLifecycle(away: Set<EventKind.Object>, from: Int) async throws {
        let driver = FakeDriver()
        driver.refuse([.secretValueChanged])
        let bench = try WatcherBench(
            driver,
            kinds: [.domainLifecycle, .secretValueChanged],
            heard: LastHeard(connection: at(50), classes: [.secret: at(40)], away: away),
            start: .seconds(100)
        )
        await bench.watcher.start()
        try await bench.repairs("gap self 0")
        #expect(bench.gaps.map(\.classes) == [[.domain]])
        #expect(await bench.watcher.lost == nil)
        #expect(bench.watcher.status.heard.classes[.secret] == at(40))
        bench.scheduler.advance(by: .seconds(5))
        driver.refuse([])
        await bench.watcher.update(bench.host)
        try await bench.repairs("gap self 0", "gap self 0")
        let gap = HostGap(from: at(from), to: at(105), classes: [.secret], cause: .self, synthesised: 0)
        #expect(bench.gaps.last == gap)
        await bench.watcher.stop()
    }

    @Test(
        "a class that was away in a former life has its gap from there, once it is heard again",
        arguments: [
            ([true], []), ([false], ["defined n"]), ([], []),
        ] as [(former: [Bool], repairs: [String])]
    )
    func awayForLives(former: [Bool], repairs: [String]) async throws {
        var state = HostState()
        var rows: [StateChange] = []
        // It had a network, or none; or it was never listed.
        for hasAny in former {
            rows += state.replace(.network, with: hasAny ? [network] : [], at: at(10))
            rows += state.silence(.network, at: at(20))
        }
        let bench = try bench(
            state: HostState(last: rows),
            heard: LastHeard(connection: at(50), classes: [.network: at(15)], away: former.isEmpty ? [.network] : [])
        )
        await bench.watcher.start()
        try await bench.repairs("gap self 0")
        #expect(bench.gaps.map(\.classes) == [[.domain]] && bench.gaps.map(\.from) == [at(50)])
        #expect(await bench.watcher.lost == nil)
        #expect(bench.watcher.status.heard.connection == at(100))
        #expect(bench.watcher.status.heard.classes[.network] == at(15))
        #expect(bench.watcher.status.heard.away == [.network])
        bench.driver.refuse([])
        await bench.watcher.update(bench.host)
        let told = ["gap self 0"] + repairs + ["gap self \(repairs.count)"]
        try await bench.until("\(told)", detail: { "\(bench.repairs)" }) { bench.repairs == told }
        #expect(bench.gaps.last?.classes == [.network] && bench.gaps.last?.from == at(15))
        #expect(bench.watcher.status.heard.away == [])
        await bench.watcher.stop()
    }

    @Test("what was away is so while its host cannot be reached, and keeps the host's last proof no longer")
    func unreachable() async throws {
        let heard = LastHeard(connection: at(50), classes: [.network: at(15)], away: [.network])
        let bench = try WatcherBench(
            FakeDriver(.fail(.refused)),
            kinds: [.domainLifecycle, .networkLifecycle],
            heard: heard,
            start: .seconds(100)
        )
        await bench.watcher.start()
        try await bench.reports("down refused")
        #expect(bench.watcher.status.heard == heard)
        await bench.watcher.stop()
    }

    @Test("a class that is wanted again, and away just then, has missed nothing since it was not wanted")
    func wantedAgain() async throws {
        let driver = FakeDriver()
        let both: [EventKind] = [.domainLifecycle, .networkLifecycle]
        let bench = try WatcherBench(driver, kinds: both)
        await bench.watcher.start()
        try await eventually("it is listed") { bench.watcher.status.classes[.network]?.listed != nil }
        var host = bench.host
        host.kinds = [.domainLifecycle]
        await bench.watcher.update(host)
        try await bench.until("it is forgotten") { bench.watcher.status.classes[.network] == nil }
        #expect(bench.watcher.status.heard.classes[.network] == nil)
        bench.scheduler.advance(by: .seconds(1_000))
        driver.refuse([.networkLifecycle])
        await bench.watcher.update(bench.host)
        try await eventually("it is refused") { bench.watcher.status.facts?.refused.count == 1 }
        driver.refuse([])
        await bench.watcher.update(bench.host)
        try await eventually("it is listed again") { bench.watcher.status.classes[.network]?.listed != nil }
        #expect(await bench.watcher.lost == nil && bench.repairs == [])
        await bench.watcher.stop()
    }
}
