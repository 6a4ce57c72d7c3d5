/// Spreads the first retries of hosts that are lost together: a daemon's update, a switch that restarts, our own network.
///
/// One host's jitter of a second does nothing for five hundred, each of whose returns is some fifty calls and the events of
/// its resync. So their first retries take turns, over the whole fleet: the lanes bound how many run, this how many begin.
/// Later retries are spread by the backoff's own jitter, and those of hosts that stay away keep nobody else waiting.
package final class LossSpread: Sendable {
    /// How many first retries begin within a ``slot``: a hundred a second, so that 1,000 hosts are back in ten.
    package static let perSlot = 25
    package static let slot = Duration.milliseconds(250)

    private let turns = PosixLock(Turns())

    package init() {}

    /// When a first retry may begin that would after `delay`; takes the turn.
    ///
    /// Any thread.
    package func delay(_ delay: Duration, at now: Duration) -> Duration {
        turns.withLock { $0.take(now + delay, now: now) - now }
    }
}

/// The turns that are taken, a value.
struct Turns: Sendable {
    /// By number of their slot; those that are over are forgotten.
    private var taken: [Int: Int] = [:]

    /// Takes the next turn at a moment or later.
    ///
    /// - Returns: The moment itself, or its like in a later slot.
    mutating func take(_ moment: Duration, now: Duration) -> Duration {
        let current = Self.number(of: now)
        if taken.keys.contains(where: { $0 < current }) { taken = taken.filter { $0.key >= current } }
        var turn = moment
        while taken[Self.number(of: turn), default: 0] >= LossSpread.perSlot { turn += LossSpread.slot }
        taken[Self.number(of: turn), default: 0] += 1
        return turn
    }

    private static func number(of moment: Duration) -> Int { Int(moment / LossSpread.slot) }
}
