import Connections
import Dispatch
import Foundation
import Logging
import SaltBus
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Sink", .timeLimit(.minutes(10)))
struct SinkTests {
    let folder: TemporaryFolder
    let spool: Spool
    let scheduler = ManualScheduler()

    init() throws {
        folder = try TemporaryFolder()
        spool = try Spool(folder: folder.file("spool"))
    }

    /// Time that goes on with every look at it; what is planned comes at once.
    private final class RestlessScheduler: Scheduler {
        private let microseconds = Atomic<Int>(0)

        var now: Duration { .microseconds(microseconds.add(333, ordering: .relaxed).newValue) }

        func schedule(
            after delay: Duration,
            on queue: DispatchQueue,
            _ action: @escaping @Sendable () -> Void
        ) -> any Scheduled {
            microseconds.add(Int(delay / .microseconds(1)), ordering: .relaxed)
            queue.async(execute: action)
            return Planned()
        }

        private struct Planned: Scheduled {
            func cancel() {}
        }
    }

    func append(_ count: Int, of host: String = "h", kind: String = "k", level: String? = nil) throws {
        let record = SpoolRecord(
            time: 1,
            host: host,
            object: "o",
            kind: kind,
            subject: "",
            level: level,
            bytes: [UInt8(host.utf8.count)]
        )
        try spool.append(Array(repeating: record, count: count))
    }

    /// A sink on this spool, and the bus it sends to.
    func started(
        window: Int = 4,
        budget: BusBudget = .off,
        scheduler: (any Scheduler)? = nil,
        hosts: [String] = []
    ) async throws -> (Sink, RecordingBus) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let scheduler = scheduler ?? self.scheduler
        let sink = try Sink(spool: spool, window: window, budget: budget, scheduler: scheduler, logger: logger)
        let made = Mutex<RecordingBus?>(nil)
        await sink.start(hosts: { hosts }) { report in
            let bus = RecordingBus(report: report)
            made.withLock { $0 = bus }
            return bus
        }
        return (sink, try #require(made.withLock { $0 }))
    }

    func sends(_ bus: RecordingBus, _ tickets: [Int64]) async throws {
        try await eventually("\(tickets)", detail: { "\(bus.sent)" }) { bus.sent == tickets }
    }

    /// Waits until the spool knows that everything is settled: it is told once in 50 ms.
    func everythingIsSettled() async throws {
        try await eventually("everything is settled") {
            scheduler.advance(by: Sink.tellInterval)
            return try spool.waiting() == 0
        }
    }

    /// What became of everything, which adds up whenever one looks.
    func look(_ sink: Sink) async -> Sink.Snapshot {
        let look = await sink.snapshot()
        let settled = look.tally.relayed + look.tally.coalesced + look.tally.dropped + look.tally.dead
        #expect(look.inherited + look.taken == settled + look.waiting, "\(look)")
        return look
    }

    @Test("sends nothing before the bus is ready, then what the window holds, then the rest as it is confirmed")
    func window() async throws {
        try append(6)
        let (sink, bus) = try await started()
        sink.take(Appended(last: 0))
        bus.becomeReady()
        try await sends(bus, [1, 2, 3, 4])
        bus.confirm(1, 2)
        try await sends(bus, [1, 2, 3, 4, 5, 6])
        try await eventually("the first are told at once") { try spool.watermark() == 2 }
        #expect(await self.look(sink).waiting == 4)
        bus.confirm(3, 4, 5, 6)
        try await everythingIsSettled()
        let look = await self.look(sink)
        #expect((look.inherited, look.taken, look.tally.relayed) == (6, 0, 6))
    }

    @Test("sends what is appended later as soon as it is told")
    func wakes() async throws {
        let (sink, bus) = try await started()
        bus.becomeReady()
        try append(2)
        sink.take(Appended(last: 0))
        try await sends(bus, [1, 2])
        #expect(await self.look(sink).taken == 2)
    }

    @Test("what is handed over as it is appended is not read back, unless something before it still has to be")
    func handedOver() async throws {
        let (sink, bus) = try await started()
        bus.becomeReady()
        // Only here, not in the spool.
        sink.take(Appended(last: 1, events: [.sample(1, of: "h")]))
        try await sends(bus, [1])
        bus.confirm(1)
        try spool.append([SpoolRecord(time: 1, host: "h", object: "o", kind: "k", subject: "", bytes: [1])])
        try append(2)
        sink.take(Appended(last: 3, events: [.sample(3, of: "h")]))
        try await sends(bus, [1, 2, 3])
        #expect(await self.look(sink).taken == 3)
    }

    @Test("after a loss what is unconfirmed goes out again, in order, and nothing counts twice")
    func resends() async throws {
        try append(4)
        let (sink, bus) = try await started()
        bus.becomeReady()
        try await sends(bus, [1, 2, 3, 4])
        bus.confirm(1, 3)
        bus.lose()
        bus.becomeReady(session: 2)
        try await sends(bus, [1, 2, 3, 4, 2, 4])
        bus.confirm(2, 3, session: 1)
        bus.confirm(2, session: 2)
        bus.confirm(4, session: 2)
        try await everythingIsSettled()
        #expect(await self.look(sink).tally.relayed == 4)
    }

    @Test("what can never be sent is buried with its reason, and does not hold up the rest")
    func dead() async throws {
        try append(2)
        let (sink, bus) = try await started()
        bus.becomeReady()
        try await sends(bus, [1, 2])
        bus.refuse(1)
        bus.confirm(2)
        try await everythingIsSettled()
        let look = await self.look(sink)
        #expect((look.tally.relayed, look.tally.dead) == (1, 1))
    }

    @Test("draining waits for the last confirmation, but not beyond its bound, and not for a bus that is away")
    func drains() async throws {
        try append(1)
        let (sink, bus) = try await started()
        await sink.drain(within: .seconds(5))
        bus.becomeReady()
        try await sends(bus, [1])
        async let draining: Void = sink.drain(within: .seconds(5))
        try await eventually("it waits") { scheduler.pending == [.seconds(5)] }
        scheduler.advance(by: .seconds(5))
        await draining
        #expect(try spool.waiting() == 1)
        async let again: Void = sink.drain(within: .seconds(5))
        try await eventually("it waits again") { scheduler.pending == [.seconds(5)] }
        bus.confirm(1)
        await again
        #expect(try spool.waiting() == 0)
    }

    @Test("what would be gone waits for the next session, too, but not beyond the bound")
    func drainsAcrossLoss() async throws {
        try append(1)
        let (sink, bus) = try await started()
        async let draining: Void = sink.drain(within: .seconds(5), outlastsLoss: true)
        try await eventually("it waits") { scheduler.pending == [.seconds(5)] }
        bus.becomeReady()
        try await sends(bus, [1])
        bus.lose()
        bus.becomeReady(session: 2)
        try await sends(bus, [1, 1])
        bus.confirm(1, session: 2)
        await draining
        #expect(try spool.waiting() == 0)
        try append(1)
        async let again: Void = sink.drain(within: .seconds(5), outlastsLoss: true)
        try await eventually("it waits again") { scheduler.pending.contains(.seconds(5)) }
        scheduler.advance(by: .seconds(5))
        await again
        #expect(try spool.waiting() == 1)
    }

    @Test("a drained or stopped sink has told the spool everything, however short ago it was told last")
    func tellsAtTheEnd() async throws {
        try append(3)
        let (sink, bus) = try await started()
        bus.becomeReady()
        try await sends(bus, [1, 2, 3])
        bus.confirm(1)
        try await eventually("the first is told at once") { try spool.watermark() == 1 }
        bus.confirm(2)
        _ = await sink.snapshot()
        #expect(try spool.watermark() == 1, "no time has passed")
        bus.confirm(3)
        await sink.drain(within: .seconds(5))
        #expect(try spool.watermark() == 3)
        try append(1)
        sink.take(Appended(last: 0))
        try await sends(bus, [1, 2, 3, 4])
        bus.confirm(4)
        _ = await sink.snapshot()
        await sink.stop()
        #expect(try spool.watermark() == 4)
    }

    @Test("goes on after the watermark of a former life, and leaves out what that settled beyond it")
    func continues() async throws {
        try append(6)
        try spool.acknowledge(through: 2, ahead: [4...5])
        let (sink, bus) = try await started()
        bus.becomeReady()
        try await sends(bus, [3, 6])
        #expect(await self.look(sink).inherited == 2)
        bus.confirm(3, 6)
        try await everythingIsSettled()
        #expect(try spool.watermark() == 6)
    }

    @Test("on a bus with bare frames each host has one event out, and what is confirmed lets its next one go")
    func onePerHost() async throws {
        try append(2, of: "a")
        try append(2, of: "b")
        let (sink, bus) = try await started(window: 8)
        bus.becomeReady(framing: .bare)
        try await sends(bus, [1, 3])
        bus.confirm(3)
        try await sends(bus, [1, 3, 4])
        bus.lose()
        bus.becomeReady(session: 2, framing: .bare)
        try await sends(bus, [1, 3, 4, 1, 4])
        bus.confirm(1, 4, session: 2)
        try await sends(bus, [1, 3, 4, 1, 4, 2])
        bus.confirm(2, session: 2)
        try await everythingIsSettled()
        #expect(await self.look(sink).tally.relayed == 4)
    }

    @Test("what is superseded while the bus is away is never sent, and settled")
    func coalesces() async throws {
        try append(5, kind: "balloon_change", level: "u")
        try append(1)
        let (sink, bus) = try await started()
        try await eventually("they are read") { await self.look(sink).tally.coalesced == 4 }
        bus.becomeReady()
        try await sends(bus, [5, 6])
        bus.confirm(5, 6)
        try await everythingIsSettled()
        #expect(await self.look(sink).tally.relayed == 2)
    }

    @Test("what had to go for new records counts as dropped, read or not; what is out does not")
    func drops() async throws {
        let (sink, bus) = try await started(window: 2)
        bus.becomeReady()
        try append(5)
        sink.take(Appended(last: 0))
        try await sends(bus, [1, 2])
        // Gone after they were read; 1 and 2 are out.
        sink.take(Appended(last: 5, removed: [1...4]))
        try await eventually("two are dropped") { await self.look(sink).tally.dropped == 2 }
        bus.confirm(1, 2)
        try await sends(bus, [1, 2, 5])
        bus.confirm(5)
        try await everythingIsSettled()
        let look = await self.look(sink)
        #expect((look.taken, look.tally.relayed, look.waiting) == (5, 3, 0))
    }

    @Test("records that are gone before they are read count as dropped, those of a former run as well")
    func dropsUnread() async throws {
        // So small that every batch needs room.
        let small = try Spool(folder: folder.file("small"), limits: SpoolLimits(bytes: 256 << 10))
        let record = SpoolRecord(time: 1, host: "h", object: "o", kind: "k", subject: "", bytes: [UInt8](1...200))
        for _ in 0..<10 { try small.append(Array(repeating: record, count: 50)) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let sink = try Sink(spool: small, window: 100_000, scheduler: scheduler, logger: logger)
        let inherited = try small.waiting()
        for _ in 0..<100 { try small.append(Array(repeating: record, count: 50)) }
        let made = Mutex<RecordingBus?>(nil)
        await sink.start { report in
            let bus = RecordingBus(report: report)
            made.withLock { $0 = bus }
            return bus
        }
        let bus = try #require(made.withLock { $0 })
        bus.becomeReady()
        let left = try small.waiting()
        try await eventually("all are sent", detail: { "\(bus.sent.count) of \(left)" }) { bus.sent.count == left }
        bus.confirm(all: bus.sent)
        try await eventually("all are settled") {
            scheduler.advance(by: Sink.tellInterval)
            return try small.waiting() == 0
        }
        let look = await self.look(sink)
        #expect((look.inherited, look.taken, look.tally.relayed) == (inherited, 5_000, left))
        #expect(look.tally.dropped == inherited + 5_000 - left)
    }

    @Test("events that the cache has no room for are read again when their turn comes, in the order of turns")
    func beyondTheCache() async throws {
        let large = [UInt8](repeating: 1, count: 4 << 20)
        let hosts = ["a", "a", "a", "b", "b", "b"]
        for host in hosts {
            try spool.append([
                SpoolRecord(time: 1, host: host, object: "o", kind: "k", subject: "", bytes: large + host.utf8)
            ])
        }
        let (sink, bus) = try await started(window: 10)
        bus.becomeReady()
        // 16 MiB may be out at once.
        try await sends(bus, [1, 4, 2, 5])
        bus.confirm(1, 4)
        try await sends(bus, [1, 4, 2, 5, 3, 6])
        #expect(bus.sentBytes.map(\.last) == ["a", "b", "a", "b", "a", "b"].map { $0.utf8.first })
        #expect(bus.sentBytes.allSatisfy { $0.count == large.count + 1 })
        #expect(await sink.snapshot().waiting == 4)
    }

    @Test("a spool with more than a page is sent to the last one")
    func pages() async throws {
        try append(Sink.page * 3 + 7)
        let (sink, bus) = try await started(window: 4_096)
        bus.becomeReady()
        try await eventually("all are sent") {
            bus.confirmTheRest()
            return await self.look(sink).tally.relayed == Sink.page * 3 + 7
        }
        #expect(bus.sent == Array(1...Int64(Sink.page * 3 + 7)))
        try await everythingIsSettled()
    }

    @Test("a budget holds back what is beyond it, and sends it when its time has come")
    func budget() async throws {
        try append(3)
        let (sink, bus) = try await started(budget: .rate(10))
        bus.becomeReady()
        try await sends(bus, [1])
        try await eventually("it waits") { scheduler.pending == [.milliseconds(100)] }
        scheduler.advance(by: .milliseconds(100))
        try await sends(bus, [1, 2])
        try await eventually("it waits again") { scheduler.pending == [.milliseconds(100)] }
        scheduler.advance(by: .milliseconds(100))
        try await sends(bus, [1, 2, 3])
        #expect(await sink.snapshot().pacing.rate == 10)
    }

    @Test("a token that comes between two looks at the clock is not forgotten")
    func restless() async throws {
        try append(2_000)
        let (sink, bus) = try await started(window: 4_096, budget: .rate(1_000), scheduler: RestlessScheduler())
        bus.becomeReady()
        try await eventually("all are sent", detail: { "\(bus.sent.count)" }) {
            bus.confirmTheRest()
            return await sink.snapshot().tally.relayed == 2_000
        }
    }
}
