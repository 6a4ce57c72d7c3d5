/// How long to wait before the next attempt: exponential, capped, with full jitter under the cap.
///
/// Full jitter, so that a thousand hosts lost at one moment do not come back at one moment.
package struct Backoff: Hashable, Sendable {
    /// The bound of the first delay.
    ///
    /// The default is 1 s.
    package let base: Duration

    /// The bound of every delay.
    ///
    /// The default is 20 s.
    package let cap: Duration
    private var failures = 0

    /// - Parameters:
    ///   - base: More than zero.
    ///   - cap: At least `base`.
    package init(base: Duration = .seconds(1), cap: Duration = .seconds(20)) {
        self.base = base
        self.cap = cap
    }

    /// The delay after one more failure.
    ///
    /// - Parameter isSlowed: Whether the host is lost too often for quick retries: then it is from half the cap to all of
    ///   it. The default is that it is not.
    package mutating func next(
        isSlowed: Bool = false,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        // 2^16 times any sensible base is beyond any sensible cap, and does not overflow.
        let bound = min(base * (1 << min(failures, 16)), cap)
        failures += 1
        if isSlowed { return cap * Double.random(in: 0.5...1, using: &random) }
        return bound * Double.random(in: 0...1, using: &random)
    }

    /// After a connection that lasted: the next loss is a first one again.
    package mutating func reset() {
        failures = 0
    }
}
