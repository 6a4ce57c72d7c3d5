import SaltBus
import Testing

@testable import Aggregator

@Suite struct BenchTimesTests {
    private func times(_ count: Int, after base: Int64 = 0) -> BenchTimes {
        let times = BenchTimes(events: count, after: base)
        for _ in 0..<count { times.take() }
        return times
    }

    @Test("an echo counts once, a further one is a repeat, and one of nobody's is nothing")
    func repeats() {
        let times = times(3, after: 10)
        times.observe(.confirmed(session: 1, tickets: [11, 12]))
        times.observe(.confirmed(session: 2, tickets: [12, 10, 14]))
        #expect(times.waiting == 1)
        #expect(times.summary.echoes == 2)
        #expect(times.summary.repeats == 1)
        #expect(times.summary.delays.count == 2)
    }

    @Test("what was not taken after all is not waited for")
    func takenBack() {
        let times = times(2)
        times.takeBack()
        #expect(times.taken == 1)
        #expect(times.waiting == 1)
    }

    @Test("the bus is ready from its first word to its loss, and says why it is not")
    func readiness() {
        let times = times(1)
        let failure = BusFailure(.missing, message: "scripted")
        times.observe(.unavailable(failure))
        #expect(times.failure == failure)
        times.observe(.ready(session: 1, framing: .bare))
        #expect(times.isReady)
        #expect(times.failure == nil)
        times.observe(.lost(session: 1, failure))
        #expect(!times.isReady)
        #expect(times.summary.losses == 1)
    }

    @Test(
        "delays are those of the share of events that were no slower",
        arguments: [(0, 1.0), (0.5, 3), (0.99, 4), (1, 4)]
    )
    func delays(share: Double, delay: Double) {
        let summary = BenchTimes.Summary(events: 4, echoes: 4, repeats: 0, losses: 0, seconds: 1, delays: [1, 2, 3, 4])
        #expect(summary.delay(share) == delay)
    }
}
