internal import Connections
internal import Foundation
internal import Synchronization

/// Takes events at a pace until all are on the bus.
///
/// On a thread of its own, as events come in a service. A task that sleeps in between wakes three threads of Dispatch each
/// time, and that would count as the events' cost.
struct BenchFeeder: Sendable {
    private let plan: BenchPlan
    private let relay: Relay
    private let times: BenchTimes
    private var fleet: SyntheticFleet

    /// The most that were on their way at once.
    private var mostWaiting = 0

    /// How often it takes what is due.
    private static let tick = Duration.milliseconds(4)

    init(plan: BenchPlan, relay: Relay, times: BenchTimes, fleet: SyntheticFleet) {
        self.plan = plan
        self.relay = relay
        self.times = times
        self.fleet = fleet
    }

    private final class Cancellation: Sendable {
        let isAsked = Atomic(false)
    }

    /// - Returns: The most events that were on their way at once.
    /// - Throws: ``BenchFailure`` when nothing comes back any more, `CancellationError` when the task is cancelled.
    func run() async throws -> Int {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    var feeder = self
                    continuation.resume(with: Result { try feeder.feed(until: cancellation) })
                }
            }
        } onCancel: {
            cancellation.isAsked.store(true, ordering: .relaxed)
        }
    }

    private mutating func feed(until cancellation: Cancellation) throws -> Int {
        var watch = Watch(patience: plan.patience, cancellation: cancellation)
        switch plan.pace {
        case .flood: try flood(&watch)
        case .rate(let rate): try keep(rate, &watch)
        case .idle: try keep(100, &watch)
        }
        while look() > 0 { try watch.wait(Self.tick, for: times) }
        return mostWaiting
    }

    private mutating func flood(_ watch: inout Watch) throws {
        while times.taken < plan.events {
            var room = BenchPlan.waitingLimit - look()
            while room > 0, times.taken < plan.events, take() { room -= 1 }
            try watch.wait(Self.tick, for: times)
        }
    }

    /// Takes what is due every few milliseconds; what cannot be taken is late, and shows in the rate.
    private mutating func keep(_ rate: Int, _ watch: inout Watch) throws {
        let begin = ContinuousClock.now
        while times.taken < plan.events {
            let due = Int(begin.duration(to: .now) / .seconds(1) * Double(rate)) + 1
            var room = BenchPlan.waitingLimit - look()
            while room > 0, times.taken < min(due, plan.events), take() { room -= 1 }
            let next = begin + .seconds(Double(times.taken) / Double(rate))
            try watch.wait(max(Self.tick, ContinuousClock.now.duration(to: next)), for: times)
        }
    }

    private mutating func take() -> Bool {
        times.take()
        guard fleet.speak(through: relay, at: .now) else {
            times.takeBack()
            return false
        }
        return true
    }

    private mutating func look() -> Int {
        let waiting = times.waiting
        mostWaiting = max(mostWaiting, waiting)
        return waiting
    }

    /// Waits, but not for ever for a bus that confirms nothing any more.
    private struct Watch {
        let patience: Duration
        let cancellation: Cancellation
        private var echoes = -1
        private var since = ContinuousClock.now

        init(patience: Duration, cancellation: Cancellation) {
            self.patience = patience
            self.cancellation = cancellation
        }

        mutating func wait(_ pause: Duration, for times: BenchTimes) throws {
            usleep(UInt32(max(0, pause / .microseconds(1))))
            if cancellation.isAsked.load(ordering: .relaxed) { throw CancellationError() }
            let now = times.echoes
            if now != echoes || times.waiting == 0 { (echoes, since) = (now, .now) }
            guard since.duration(to: .now) < patience else {
                let why = times.failure.map { ": \($0)" } ?? ""
                throw BenchFailure(
                    message: "\(times.waiting) of \(times.taken) events did not come back from the bus\(why)",
                    exit: .failed
                )
            }
        }
    }
}
