import Dispatch
import TestSupport
import Testing

@testable import Aggregator

@Suite("a disk that does not answer")
struct DiskWatchTests {
    private let scheduler = ManualScheduler()
    private let log = RecordingLog()
    private let hanging = Locked([@Sendable () -> Void]())
    private let watch: DiskWatch

    /// One user answers at once, the other one when the test lets it.
    init() {
        let hanging = hanging
        watch = DiskWatch(
            [{ $0() }, { done in hanging.withLock { $0.append(done) } }],
            scheduler: scheduler,
            logger: log.logger
        )
    }

    private func answer() {
        let waiting = hanging.withLock { hanging in
            defer { hanging = [] }
            return hanging
        }
        for done in waiting { done() }
    }

    private func pass(_ duration: Duration) async throws {
        for _ in 0..<Int(duration / DiskWatch.interval) {
            let before = scheduler.pending.count
            scheduler.advance(by: DiskWatch.interval)
            try await eventually("the next look is planned") { scheduler.pending.count >= before }
        }
    }

    private let silent = "Journal's disk does not answer: nothing is sent, and what is heard waits"
    private let again = "Journal's disk answers again"

    @Test("is said once, with one question, and so is its return")
    func said() async throws {
        watch.start()
        try await pass(.seconds(5))
        #expect(log.count(of: silent) == 0)
        try await pass(.seconds(60))
        #expect(log.count(of: silent) == 1)
        #expect(hanging.withLock(\.count) == 1)
        #expect(watch.silence == .seconds(65))
        answer()
        #expect(log.count(of: again) == 1)
        #expect(watch.silence == nil)
        try await pass(.seconds(5))
        answer()
        #expect(log.count(of: silent) == 1 && log.count(of: again) == 1)
        scheduler.forget()
    }

    @Test("who asks hears so in time, however many ask, and all hear of an answer")
    func asked() async throws {
        async let first = watch.answers(within: .seconds(10))
        async let second = watch.answers(within: .seconds(20))
        try await eventually("both wait") { scheduler.pending.count == 2 }
        #expect(hanging.withLock(\.count) == 1)
        scheduler.advance(by: .seconds(10))
        #expect(await first == false)
        answer()
        #expect(await second == true)
        #expect(scheduler.pending.isEmpty)
    }

    @Test("who asks when it has been silent for so long already hears so at once")
    func late() async throws {
        async let first = watch.answers(within: .seconds(30))
        try await eventually("it waits") { !scheduler.pending.isEmpty }
        scheduler.advance(by: .seconds(20))
        #expect(await watch.answers(within: .seconds(20)) == false)
        answer()
        #expect(await first == true)
        #expect(scheduler.pending.isEmpty)
    }
}
