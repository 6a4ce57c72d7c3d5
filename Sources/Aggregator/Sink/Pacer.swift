/// How many events the bus may be given now: a bucket of tokens, filled at a rate.
///
/// With ``BusBudget/auto`` the rate follows the delay of echoes. A master passes on one event after the other, everybody's;
/// so what ours wait there is what others' events wait because of us. The rate grows while it is what holds events back
/// and the delay is low, and shrinks when the delay says that the master queues. Time is a parameter, of no origin.
struct Pacer: Sendable {
    /// What the status shows.
    struct Snapshot: Hashable, Sendable {
        /// Events a second; `nil` = without a bound.
        var rate: Int?

        /// How long echoes took of late; `nil` = none has come.
        var delay: Duration?

        /// Whether the rate held events back of late.
        var isLimited = false
    }

    /// Where auto begins, and what it never goes below, so that everything gets out at last.
    static let (first, least, most) = (1_000.0, 50.0, 1_000_000.0)

    /// The rate is looked at once in a while: long enough for an echo, short enough for a burst.
    private static let interval = 0.1

    /// A master that queues no longer than this is left in peace; one that is slow when idle is given twice its own time.
    private static let (target, patience) = (0.05, 0.12)

    /// The bucket holds the tokens of this time: a burst after silence is as large, and a late timer loses nothing.
    private static let depth = 0.05

    /// Waking for each token would cost more than sending it.
    private static let shortestPause = Duration.milliseconds(5)

    private let isAutomatic: Bool

    /// Tokens a second; `nil` = there are always enough.
    private var rate: Double?
    private var tokens: Double
    private var filled: Duration?
    private var isSteady = false

    // What is measured in the interval.
    private var begin: Duration?
    private var sum = 0.0
    private var count = 0
    private var isLimited = false

    /// What was sent before the rate last changed says nothing of the new one.
    private var changed: Duration?

    /// The shortest delay of late: what the master takes when it has nothing else to do.
    private var idleDelay: Double?
    private var last = Snapshot()

    init(_ budget: BusBudget) {
        isAutomatic = budget == .auto
        rate =
            switch budget {
            case .auto: Self.first
            case .rate(let rate): Double(rate)
            case .off: nil
            }
        tokens = rate.map(Self.capacity) ?? 0
    }

    private static func capacity(_ rate: Double) -> Double { max(1, rate * depth) }

    var snapshot: Snapshot {
        var snapshot = last
        snapshot.rate = rate.map { Int($0) }
        return snapshot
    }

    /// How many events may be sent now.
    mutating func room(at now: Duration) -> Int {
        guard let rate else { return .max }
        if let filled, now > filled {
            tokens = min(Self.capacity(rate), tokens + (now - filled).seconds * rate)
        }
        filled = now
        return Int(tokens)
    }

    mutating func spend(_ events: Int) {
        tokens -= Double(events)
    }

    /// Events wait although the window has room.
    ///
    /// - Returns: How long until the next may be sent.
    mutating func wait() -> Duration {
        guard let rate else { return .zero }
        isLimited = true
        return max(Self.shortestPause, .seconds((1 - tokens) / rate))
    }

    /// An event that was sent at one time came back at another.
    mutating func echoed(sent: Duration, now: Duration) {
        if let changed, sent < changed { return }
        sum += (now - sent).seconds
        count += 1
    }

    /// To be called after some echoes: looks at them once an interval.
    mutating func review(at now: Duration) {
        guard let begin else {
            self.begin = now
            return
        }
        guard count > 0, (now - begin).seconds >= Self.interval else { return }
        let delay = sum / Double(count)
        last = Snapshot(rate: nil, delay: .seconds(delay), isLimited: isLimited)
        if isAutomatic { steer(by: delay, at: now) }
        self.begin = now
        (sum, count, isLimited) = (0, 0, false)
    }

    /// The bus is lost: nothing is known of what it can take, but that this was too much, or nothing.
    mutating func lose(at now: Duration) {
        (sum, count, isLimited, begin) = (0, 0, false, nil)
        if isAutomatic, let rate { change(to: rate / 2, at: now) }
    }

    private mutating func steer(by delay: Double, at now: Duration) {
        guard let rate else { return }
        let idle = idleDelay.map { min(delay, $0 + (delay - $0) * rise(at: rate)) } ?? delay
        idleDelay = idle
        let target = max(Self.target, min(2 * idle, max(Self.patience, 1.5 * idle)))
        if delay > target {
            isSteady = true
            // By less than the delay is too long: the queue that was built up is in it, too.
            change(to: rate * max(0.5, (target / delay).squareRoot() * 0.9), at: now)
        } else if isLimited, delay < idle + 0.6 * (target - idle) {
            change(to: rate * (isSteady ? 1.05 : 1.5), at: now)
        }
    }

    /// What part of a longer delay is the master's own: one that has become slower is known after a while.
    ///
    /// While we have more to send than we do, what it takes is our doing, except at the least rate.
    private func rise(at rate: Double) -> Double {
        guard isLimited else { return 0.01 }
        return rate > Self.least ? 0 : 0.1
    }

    private mutating func change(to new: Double, at now: Duration) {
        let rate = min(max(new, Self.least), Self.most)
        self.rate = rate
        tokens = min(tokens, Self.capacity(rate))
        changed = now
    }
}
