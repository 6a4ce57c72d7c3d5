import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Connections

@Suite("Blocking pool", .timeLimit(.minutes(10)))
struct BlockingPoolTests {
    private let scheduler = ManualScheduler()

    private func pool(_ cap: Int) -> BlockingPool {
        BlockingPool(caps: [.openFast: cap, .close: 1], scheduler: scheduler)
    }

    @Test("a call's value comes back, and no thread stays")
    func finishes() async throws {
        let pool = pool(2)
        let value = await withCheckedContinuation { continuation in
            pool.submit(
                BlockingCall(deadline: .seconds(1), body: { 42 }, finished: { continuation.resume(returning: $0) }),
                lane: .openFast
            )
        }
        #expect(value == 42)
        try await eventually("no thread is left") { pool.counters.running == 0 }
        #expect(scheduler.pending == [])
    }

    @Test("no more calls of a lane run at once than its cap, and all run in the end")
    func caps() async throws {
        let pool = pool(3)
        let running = Atomic<Int>(0), most = Atomic<Int>(0), done = Atomic<Int>(0)
        for _ in 0..<200 {
            pool.submit(
                BlockingCall(
                    deadline: .seconds(1),
                    body: {
                        most.max(running.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                        running.subtract(1, ordering: .relaxed)
                    },
                    finished: { done.add(1, ordering: .relaxed) }
                ),
                lane: .openFast
            )
        }
        try await eventually("all are done") { done.load(ordering: .relaxed) == 200 }
        #expect(most.load(ordering: .relaxed) <= 3)
    }

    @Test("stuck calls are aborted at the deadline and their lane goes on without them")
    func writesOff() async throws {
        let pool = pool(2)
        let stuck = MuteHost()
        let good = Atomic<Int>(0)
        for _ in 0..<2 { stuck.call(pool, lane: .openFast, canAbort: true) }
        pool.submit(
            BlockingCall(deadline: .seconds(5), body: {}, finished: { good.add(1, ordering: .relaxed) }),
            lane: .openFast
        )
        try await eventually("both threads are stuck") { scheduler.pending.count == 2 }
        #expect(pool.counters.waiting == 1)
        scheduler.advance(by: .seconds(5))
        try await eventually("the lane goes on") { good.load(ordering: .relaxed) == 1 }
        try await eventually("both have expired, and are asked") {
            stuck.counts == MuteHost.Counts(begun: 2, aborted: 2, expired: 2)
        }
        #expect(pool.counters.writtenOff == 2)
        stuck.answer(2)
        try await eventually("they came back late") { stuck.counts.late == 2 }
        #expect(stuck.counts.finished == 0)
        try await eventually("nothing is left") {
            pool.counters.waiting == 0 && pool.counters.running == 0 && pool.counters.writtenOff == 0
        }
    }

    @Test("beyond the write-off limit stuck threads fill their lane: threads are bounded")
    func boundsWriteOffs() async throws {
        let pool = pool(BlockingPool.writeOffLimit + 2)
        let stuck = MuteHost()
        let count = BlockingPool.writeOffLimit + 2
        for _ in 0..<(count * 3) { stuck.call(pool, lane: .openFast) }
        try await eventually("the lane is full") { stuck.counts.begun == count }
        scheduler.advance(by: .seconds(5))
        try await eventually("16 were written off and replaced") {
            stuck.counts.begun == count + BlockingPool.writeOffLimit
        }
        scheduler.advance(by: .seconds(5))
        try await eventually("the rest expired in place") {
            pool.counters.expired == count + BlockingPool.writeOffLimit
        }
        #expect(stuck.counts.begun == count + BlockingPool.writeOffLimit)
        #expect(pool.counters.writtenOff == BlockingPool.writeOffLimit)
        stuck.answer(count * 3)
        try await eventually("all came back") { pool.counters.running == 0 && pool.counters.writtenOff == 0 }
    }

    /// What ran, in order, when a pool of one thread was given calls while it was busy.
    private func order(_ calls: [(word: String, admission: Admission)]) async throws -> [String] {
        let pool = pool(1)
        let ran = Locked<[String]>([])
        let first = MuteHost()
        first.call(pool, lane: .openFast)
        try await eventually("it is busy") { first.counts.begun == 1 }
        for (word, admission) in calls {
            pool.submit(
                BlockingCall(deadline: .seconds(5), body: { ran.withLock { $0.append(word) } }, finished: {}),
                lane: .openFast,
                admission: admission
            )
        }
        first.answer()
        try await eventually("all ran") { ran.withLock { $0.count } == calls.count }
        return ran.withLock { $0 }
    }

    @Test("hosts that nothing bad is known of go first, each kind in its order")
    func freshFirst() async throws {
        let order = try await order([
            ("bad1", Admission(isFresh: false)), ("good1", Admission()), ("bad2", Admission(isFresh: false)),
            ("good2", Admission()),
        ])
        #expect(order == ["good1", "good2", "bad1", "bad2"])
    }

    @Test("calls of one group run a few at a time over all lanes, and nobody else waits for them")
    func groups() async throws {
        let pool = BlockingPool(caps: [.openFast: 8, .openSlow: 8], groupCap: 2, scheduler: scheduler)
        let running = Atomic<Int>(0), most = Atomic<Int>(0), done = Atomic<Int>(0), others = Atomic<Int>(0)
        let go = DispatchSemaphore(value: 0)
        for index in 0..<12 {
            pool.submit(
                BlockingCall(
                    deadline: .seconds(5),
                    body: {
                        most.max(running.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                        go.wait()
                        running.subtract(1, ordering: .relaxed)
                    },
                    finished: { done.add(1, ordering: .relaxed) }
                ),
                lane: index.isMultiple(of: 2) ? .openFast : .openSlow,
                admission: Admission(group: "jump")
            )
        }
        for _ in 0..<4 {
            pool.submit(
                BlockingCall(deadline: .seconds(5), body: {}, finished: { others.add(1, ordering: .relaxed) }),
                lane: .openFast
            )
        }
        try await eventually("the others do not wait") { others.load(ordering: .relaxed) == 4 }
        try await eventually("two run") { running.load(ordering: .relaxed) == 2 }
        for _ in 0..<12 { go.signal() }
        try await eventually("the group is through") { done.load(ordering: .relaxed) == 12 }
        #expect(most.load(ordering: .relaxed) == 2)
        try await eventually("no thread is left") { pool.counters.running == 0 }
    }

    @Test("what is stuck is listed by host, lane and age")
    func stuckList() async throws {
        let pool = pool(1)
        let stuck = MuteHost()
        stuck.call(pool, lane: .openFast, admission: Admission(host: "kvm01"))
        try await eventually("it runs") { scheduler.pending.count == 1 }
        scheduler.advance(by: .seconds(7))
        try await eventually("it is written off") { pool.counters.writtenOff == 1 }
        #expect(pool.counters.stuck == [StuckCall(host: "kvm01", lane: .openFast, age: .seconds(7))])
        stuck.answer()
        try await eventually("it is not any more") { pool.counters.stuck.isEmpty }
    }

    @Test("a call that waits is taken back, and nothing of it is called; one that runs is asked to abort")
    func withdraws() async throws {
        let pool = pool(1)
        let stuck = MuteHost()
        let running = stuck.call(pool, lane: .openFast, canAbort: true)
        try await eventually("it runs") { pool.counters.running == 1 && pool.counters.waiting == 0 }
        let waiting = pool.submit(
            BlockingCall<Void>(
                deadline: .seconds(5),
                body: { Issue.record("it ran") },
                finished: { Issue.record("it finished") },
                expired: { Issue.record("it expired") }
            ),
            lane: .openFast
        )
        #expect(waiting.end())
        #expect(!waiting.end())
        #expect(!running.end())
        try await eventually("it is asked") { stuck.counts.aborted == 1 }
        stuck.answer()
        try await eventually("no thread is left") { pool.counters.running == 0 && pool.counters.waiting == 0 }
        #expect(!running.end())
        #expect(stuck.counts.aborted == 1)
        #expect(scheduler.pending == [], "nobody is to be asked again")
    }

    @Test("a call that may not wait for ever is taken back when its patience is at its end, and not once it runs")
    func patience() async throws {
        let pool = pool(1)
        let stuck = DispatchSemaphore(value: 0)
        let finished = Atomic<Int>(0), unserved = Atomic<Int>(0)
        pool.submit(
            BlockingCall(
                deadline: .seconds(60),
                body: { stuck.wait() },
                finished: { finished.add(1, ordering: .relaxed) },
                unserved: { Issue.record("it had its turn") }
            ),
            lane: .openFast,
            admission: Admission(patience: .seconds(20))
        )
        try await eventually("it runs, and nobody counts its wait") { scheduler.pending == [.seconds(60)] }
        pool.submit(
            BlockingCall(
                deadline: .seconds(60),
                body: { Issue.record("it ran") },
                finished: {},
                unserved: { unserved.add(1, ordering: .relaxed) }
            ),
            lane: .openFast,
            admission: Admission(patience: .seconds(20))
        )
        #expect(scheduler.pending == [.seconds(20), .seconds(60)])
        scheduler.advance(by: .seconds(20))
        try await eventually("it is taken back") { unserved.load(ordering: .relaxed) == 1 }
        #expect(pool.counters.waiting == 0)
        stuck.signal()
        try await eventually("the other one comes back") {
            finished.load(ordering: .relaxed) == 1 && pool.counters.running == 0
        }
    }

    @Test("what does not return from an abort is asked again every second, until it does")
    func asksAgain() async throws {
        let pool = pool(1)
        let stuck = DispatchSemaphore(value: 0)
        let aborted = Atomic<Int>(0)
        pool.submit(
            BlockingCall(
                deadline: .seconds(5),
                body: { stuck.wait() },
                abort: { if aborted.add(1, ordering: .relaxed).newValue == 3 { stuck.signal() } },
                finished: {}
            ),
            lane: .openFast
        )
        try await eventually("it runs") { scheduler.pending == [.seconds(5)] }
        scheduler.advance(by: .seconds(5))
        for count in 1...3 {
            try await eventually("it is asked") { aborted.load(ordering: .relaxed) == count }
            if count < 3 {
                // And who asked is through.
                try await eventually("it will be asked again") {
                    scheduler.pending == [.seconds(1)] && pool.counters.running == 0
                }
                scheduler.advance(by: .seconds(1))
            }
        }
        try await eventually("nobody asks any more") { scheduler.pending.isEmpty && pool.counters.writtenOff == 0 }
    }

    @Test("an abort that hangs is not asked for once more beside itself")
    func oneAbortAtATime() async throws {
        let pool = BlockingPool(caps: [.openFast: 1, .abort: 4], scheduler: scheduler)
        let stuck = DispatchSemaphore(value: 0), disk = DispatchSemaphore(value: 0)
        let aborts = Atomic<Int>(0)
        pool.submit(
            BlockingCall(
                deadline: .seconds(5),
                body: { stuck.wait() },
                abort: {
                    aborts.add(1, ordering: .relaxed)
                    disk.wait()
                },
                finished: {}
            ),
            lane: .openFast
        )
        try await eventually("it runs") { scheduler.pending == [.seconds(5)] }
        scheduler.advance(by: .seconds(5))
        for _ in 0..<3 {
            try await eventually("it will be asked again") { scheduler.pending.contains(.seconds(1)) }
            scheduler.advance(by: .seconds(1))
        }
        try await eventually("it was asked") { aborts.load(ordering: .relaxed) == 1 && pool.counters.waiting == 0 }
        disk.signal()
        try await eventually("it is asked again") {
            scheduler.advance(by: .milliseconds(100))
            return aborts.load(ordering: .relaxed) == 2
        }
        disk.signal()
        stuck.signal()
        try await eventually("nothing is left") { pool.counters.writtenOff == 0 && pool.counters.running == 0 }
    }
}
