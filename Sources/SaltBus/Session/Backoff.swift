/// The pause before the next attempt: full jitter under a bound that doubles up to a cap.
///
/// A restarting master is busy, and everything that lost it comes back at once.
struct Backoff: Sendable {
    /// The first bound.
    let base: Duration

    /// The largest bound.
    let cap: Duration

    /// Attempts that failed in a row.
    private(set) var failures = 0

    init(base: Duration, cap: Duration) {
        self.base = base
        self.cap = cap
    }

    mutating func reset() {
        failures = 0
    }

    /// Counts a failure and draws the pause after it, under another cap if one is given.
    mutating func next(cap: Duration? = nil, using random: inout some RandomNumberGenerator) -> Duration {
        let bound = min(cap ?? self.cap, base.doubled(failures))
        failures += 1
        return bound * Double.random(in: 0...1, using: &random)
    }
}

extension Duration {
    /// This duration times 2^times.
    ///
    /// The exponent stops at 16, where every cap in use is long reached.
    func doubled(_ times: Int) -> Duration {
        self * (1 << min(times, 16))
    }
}
