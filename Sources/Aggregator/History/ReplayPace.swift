/// How many events may be told now: a bucket that fills at the rate, and holds a fifth of a second's worth.
struct ReplayPace {
    private let rate: Double
    private let most: Double
    private var tokens = 1.0
    private var last: Duration

    /// How long one takes.
    var step: Duration { .seconds(1 / rate) }

    /// - Parameters:
    ///   - rate: Events per second.
    ///   - now: The scheduler's time; the first event may go at once.
    init(rate: Int, now: Duration) {
        self.rate = Double(rate)
        most = max(1, self.rate / 5)
        last = now
    }

    /// Takes as many as there may be, up to a bound.
    mutating func take(upTo bound: Int, at now: Duration) -> Int {
        tokens = min(most, tokens + max(0, (now - last).seconds) * rate)
        last = now
        let count = min(bound, Int(tokens))
        tokens -= Double(count)
        return count
    }
}
