import Connections
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Waiting for a call that may block", .timeLimit(.minutes(10)))
struct WaitingTests {
    @Test("the wait for a thread counts, and what nobody waits for any more is not called")
    func noThread() async throws {
        let scheduler = ManualScheduler()
        // As who waits this way has it: else what is slow would make way for the one that waits, at the same moment.
        let pool = BlockingPool(caps: [.call: 1], slowCalls: 0, scheduler: scheduler)
        let leave = DispatchSemaphore(value: 0)
        let isRunning = Atomic<Bool>(false)
        let first = Task {
            await pool.run(within: .seconds(60), scheduler: scheduler) {
                isRunning.store(true, ordering: .relaxed)
                leave.wait()
            }
        }
        try await eventually("it runs") { isRunning.load(ordering: .relaxed) }
        let isCalled = Atomic<Bool>(false), isReturned = Atomic<Bool>(false)
        let second = Task {
            await pool.run(
                within: .seconds(1),
                scheduler: scheduler,
                returned: { isReturned.store(true, ordering: .relaxed) },
                { isCalled.store(true, ordering: .relaxed) }
            )
        }
        try await eventually("it waits") { pool.counters.waiting == 1 }
        scheduler.advance(by: .seconds(1))
        #expect(await second.value == nil)
        leave.signal()
        #expect(await first.value != nil)
        try await eventually("it is over") { isReturned.load(ordering: .relaxed) }
        let wasCalled = isCalled.load(ordering: .relaxed)
        #expect(!wasCalled)
    }
}
