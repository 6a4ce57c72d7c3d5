import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Connections

/// What a pool does about calls on live connections that take long.
@Suite("Blocking pool: slow calls", .timeLimit(.minutes(10)))
struct SlowCallTests {
    private let scheduler = ManualScheduler()

    @Test("calls that take long hold up nobody else's: their lane goes on beside them, and they still come back")
    func goesOnBesideSlowCalls() async throws {
        let pool = BlockingPool(caps: [.call: 2], scheduler: scheduler)
        let frozen = DispatchSemaphore(value: 0)
        let begun = Atomic<Int>(0), finished = Atomic<Int>(0), good = Atomic<Int>(0)
        for host in 0..<4 {
            pool.submit(
                BlockingCall(
                    deadline: .seconds(5),
                    body: {
                        begun.add(1, ordering: .relaxed)
                        frozen.wait()
                    },
                    finished: { finished.add(1, ordering: .relaxed) },
                    expired: { Issue.record("it is within its deadline") }
                ),
                lane: .call,
                admission: Admission(host: "frozen\(host)")
            )
        }
        pool.submit(
            BlockingCall(deadline: .seconds(5), body: {}, finished: { good.add(1, ordering: .relaxed) }),
            lane: .call
        )
        for round in 1...2 {
            try await eventually("the lane is full") {
                begun.load(ordering: .relaxed) == 2 * round && scheduler.pending.first == .seconds(1)
            }
            #expect(good.load(ordering: .relaxed) == 0)
            scheduler.advance(by: .seconds(1))
        }
        try await eventually("the good one had its turn") { good.load(ordering: .relaxed) == 1 }
        // No more than were in the way.
        try await eventually("three are beside the lane") { pool.counters.slow == 3 && pool.counters.running == 1 }
        #expect(pool.counters.writtenOff == 0)
        #expect(pool.counters.stuck == [], "they are slow and not late")
        for _ in 0..<4 { frozen.signal() }
        try await eventually("they came back in time") { finished.load(ordering: .relaxed) == 4 }
        try await eventually("nothing is left") { pool.counters.slow == 0 && pool.counters.running == 0 }
        #expect(scheduler.pending == [], "and nobody looks")
    }

    @Test("a call that is late is listed as stuck, and takes no place of what cannot be ended")
    func lateCall() async throws {
        let pool = BlockingPool(caps: [.call: 1], scheduler: scheduler)
        let frozen = DispatchSemaphore(value: 0)
        let expired = Atomic<Int>(0), late = Atomic<Int>(0)
        pool.submit(
            BlockingCall(
                deadline: .seconds(5),
                body: { frozen.wait() },
                finished: { Issue.record("it was too late for that") },
                expired: { expired.add(1, ordering: .relaxed) },
                late: { late.add(1, ordering: .relaxed) }
            ),
            lane: .call,
            admission: Admission(host: "kvm01")
        )
        try await eventually("it runs") { scheduler.pending == [.seconds(5)] }
        scheduler.advance(by: .seconds(5))
        try await eventually("it is late") { expired.load(ordering: .relaxed) == 1 }
        #expect(pool.counters.stuck == [StuckCall(host: "kvm01", lane: .call, age: .seconds(5))])
        #expect(pool.counters.slow == 1)
        #expect(pool.counters.writtenOff == 0)
        #expect(scheduler.pending == [], "nothing can make it return, so nothing tries")
        frozen.signal()
        try await eventually("it came back") { late.load(ordering: .relaxed) == 1 && pool.counters.stuck == [] }
        #expect(pool.counters.slow == 0)
    }

    @Test("slow calls are bounded: beyond the limit they keep their places")
    func boundsSlowCalls() async throws {
        let pool = BlockingPool(caps: [.call: 64], scheduler: scheduler)
        let frozen = DispatchSemaphore(value: 0)
        let begun = Atomic<Int>(0), done = Atomic<Int>(0), most = BlockingPool.slowCallLimit + 64
        for _ in 0..<(most + 10) {
            pool.submit(
                BlockingCall(
                    deadline: .seconds(1_000),
                    body: {
                        begun.add(1, ordering: .relaxed)
                        frozen.wait()
                    },
                    finished: { done.add(1, ordering: .relaxed) },
                    late: { done.add(1, ordering: .relaxed) }
                ),
                lane: .call
            )
        }
        for round in 1...(most / 64) {
            try await eventually("the lane is full again") {
                begun.load(ordering: .relaxed) == 64 * round && scheduler.pending.first == .seconds(1)
            }
            scheduler.advance(by: .seconds(1))
        }
        try await eventually("the last ones keep their places") {
            scheduler.pending.count == most && pool.counters.slow == BlockingPool.slowCallLimit
        }
        #expect(pool.counters.stuck == [], "slow, and not late")
        scheduler.advance(by: .seconds(1_000))
        try await eventually("all are late") { pool.counters.stuck.count == most }
        #expect(begun.load(ordering: .relaxed) == most)
        #expect(pool.counters.slow == BlockingPool.slowCallLimit)
        #expect(pool.counters.running == 64)
        for _ in 0..<(most + 10) { frozen.signal() }
        try await eventually("all came back") { done.load(ordering: .relaxed) == most + 10 }
        try await eventually("no thread is left") { pool.counters.running == 0 && pool.counters.slow == 0 }
    }
}
