internal import SaltBus
internal import Synchronization

/// When each event of a bench was taken and when its echo was seen.
///
/// Any thread. The journal numbers records in the order they were taken, so a ticket is the place of its event; but for a
/// host of which it has very much at once (``JournalLine/share``), which no host of a usual bench has. 1,000,000 events take
/// 16 MB.
final class BenchTimes: Sendable {
    private struct State {
        var taken: [Int64] = []

        /// Zero until the echo is there.
        var seen: [Int64] = []
        var echoes = 0
        var repeats = 0
        var lastSeen: Int64 = 0
        var isReady = false
        var failure: BusFailure?
        var losses = 0

        mutating func confirm(_ index: Int, at now: Int64) {
            guard seen.indices.contains(index) else { return }
            guard seen[index] == 0 else {
                repeats += 1
                return
            }
            seen[index] = now
            lastSeen = now
            echoes += 1
        }
    }

    private let state: Mutex<State>
    private let origin = ContinuousClock.now

    /// The position of the record before the first one.
    private let base: Int64

    init(events: Int, after base: Int64) {
        self.base = base
        var state = State()
        state.taken.reserveCapacity(events)
        state.seen = Array(repeating: 0, count: events)
        self.state = Mutex(state)
    }

    /// An event is about to be given to the relay.
    func take() {
        let now = now
        state.withLock { $0.taken.append(now) }
    }

    /// The event of the last ``take()`` was not taken after all.
    func takeBack() {
        state.withLock { _ = $0.taken.popLast() }
    }

    /// What the bus says, before the sink hears it.
    func observe(_ report: BusReport) {
        let now = now
        state.withLock { state in
            switch report {
            case .ready: (state.isReady, state.failure) = (true, nil)
            case .confirmed(_, let tickets):
                for ticket in tickets { state.confirm(Int(ticket - base) - 1, at: now) }
            case .lost(_, let failure):
                (state.isReady, state.failure) = (false, failure)
                state.losses += 1
            case .unavailable(let failure): state.failure = failure
            case .undeliverable: break
            }
        }
    }

    /// Events whose echo is not there yet.
    var waiting: Int { state.withLock { $0.taken.count - $0.echoes } }
    var taken: Int { state.withLock { $0.taken.count } }
    var echoes: Int { state.withLock { $0.echoes } }
    var isReady: Bool { state.withLock(\.isReady) }

    /// Why the bus cannot be sent to, when it cannot.
    var failure: BusFailure? { state.withLock(\.failure) }

    /// What it comes to.
    var summary: Summary {
        state.withLock { state in
            let delays = zip(state.taken, state.seen).filter { $1 > 0 }.map { $1 - $0 }.sorted()
            return Summary(
                events: state.taken.count,
                echoes: state.echoes,
                repeats: state.repeats,
                losses: state.losses,
                seconds: Double(max(0, state.lastSeen - (state.taken.first ?? 0))) / 1e9,
                delays: delays.map { Double($0) / 1e6 }
            )
        }
    }

    /// What the times of a bench come to.
    struct Summary: Sendable {
        let events, echoes, repeats, losses: Int

        /// From the first take to the last echo.
        let seconds: Double

        /// From take to echo in milliseconds, the shortest first.
        let delays: [Double]

        /// - Parameter share: Of the events that were no slower: 0.5 is the median. Zero when there are none.
        func delay(_ share: Double) -> Double {
            guard let last = delays.indices.last else { return 0 }
            return delays[min(last, Int(Double(delays.count) * share))]
        }
    }

    /// Nanoseconds since this was made.
    private var now: Int64 { Int64(origin.duration(to: .now) / .nanoseconds(1)) }
}
