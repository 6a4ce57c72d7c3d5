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
        let frozen = MuteHost()
        let good = Atomic<Int>(0)
        for host in 0..<4 { frozen.call(pool, lane: .call, admission: Admission(host: "frozen\(host)")) }
        pool.submit(
            BlockingCall(deadline: .seconds(5), body: {}, finished: { good.add(1, ordering: .relaxed) }),
            lane: .call
        )
        for round in 1...2 {
            try await eventually("the lane is full") {
                frozen.counts.begun == 2 * round && scheduler.pending.first == .seconds(1)
            }
            #expect(good.load(ordering: .relaxed) == 0)
            scheduler.advance(by: .seconds(1))
        }
        try await eventually("the good one had its turn") { good.load(ordering: .relaxed) == 1 }
        // No more than were in the way.
        try await eventually("three are beside the lane") { pool.counters.slow == 3 && pool.counters.running == 1 }
        #expect(pool.counters.writtenOff == 0)
        #expect(pool.counters.stuck == [], "they are slow and not late")
        frozen.answer(4)
        try await eventually("they came back in time") { frozen.counts == MuteHost.Counts(begun: 4, finished: 4) }
        try await eventually("nothing is left") { pool.counters.slow == 0 && pool.counters.running == 0 }
        #expect(scheduler.pending == [], "and nobody looks")
    }

    @Test("a call that is late is listed as stuck, and takes no place of what cannot be ended")
    func lateCall() async throws {
        let pool = BlockingPool(caps: [.call: 1], scheduler: scheduler)
        let frozen = MuteHost()
        frozen.call(pool, lane: .call, admission: Admission(host: "kvm01"))
        try await eventually("it runs") { scheduler.pending == [.seconds(5)] }
        scheduler.advance(by: .seconds(5))
        try await eventually("it is late") { frozen.counts.expired == 1 }
        #expect(pool.counters.stuck == [StuckCall(host: "kvm01", lane: .call, age: .seconds(5))])
        #expect(pool.counters.slow == 1)
        #expect(pool.counters.writtenOff == 0)
        #expect(scheduler.pending == [], "nothing can make it return, so nothing tries")
        frozen.answer()
        try await eventually("it came back") { frozen.counts.late == 1 && pool.counters.stuck == [] }
        #expect(frozen.counts.finished == 0, "it was too late for that")
        #expect(pool.counters.slow == 0)
    }

    @Test("slow calls are bounded: beyond the limit they keep their places")
    func boundsSlowCalls() async throws {
        let pool = BlockingPool(caps: [.call: 64], scheduler: scheduler)
        let frozen = MuteHost()
        let most = BlockingPool.slowCallLimit + 64
        for _ in 0..<(most + 10) { frozen.call(pool, lane: .call, deadline: .seconds(1_000)) }
        for round in 1...(most / 64) {
            try await eventually("the lane is full again") {
                frozen.counts.begun == 64 * round && scheduler.pending.first == .seconds(1)
            }
            scheduler.advance(by: .seconds(1))
        }
        try await eventually("the last ones keep their places") {
            scheduler.pending.count == most && pool.counters.slow == BlockingPool.slowCallLimit
        }
        #expect(pool.counters.stuck == [], "slow, and not late")
        scheduler.advance(by: .seconds(1_000))
        try await eventually("all are late") { pool.counters.stuck.count == most }
        #expect(frozen.counts.begun == most)
        #expect(pool.counters.slow == BlockingPool.slowCallLimit)
        #expect(pool.counters.running == 64)
        frozen.answer(most + 10)
        try await eventually("all came back") { frozen.counts.finished + frozen.counts.late == most + 10 }
        try await eventually("no thread is left") { pool.counters.running == 0 && pool.counters.slow == 0 }
    }
}
