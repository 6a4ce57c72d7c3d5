/// How many of one host's events are between libvirt's callback and the journal, and what became of the others.
///
/// An event takes a place, and another for each 4 KiB of its texts and marks.
///
/// The bound of everything before the journal: when the disk stalls or a host floods, its further events are dropped
/// and counted here, and no other host notices.
package final class InFlight: Sendable {
    /// 4,096 places: as many ordinary events, or fewer large ones.
    package static let defaultLimit = 4_096

    private struct State {
        var places = 0
        var counts = CallbackCounts()

        /// Whether somebody has been told that events are being dropped.
        var isDropTold = false
    }

    private let limit: Int
    private let state = PosixLock(State())

    package init(limit: Int = InFlight.defaultLimit) {
        self.limit = limit
    }

    /// Takes a place for one event; `false` counts a drop.
    ///
    /// Any thread.
    package func enter() -> Bool {
        state.withLock { state in
            state.counts.callbacks += 1
            guard state.places < limit else {
                state.counts.dropped += 1
                return false
            }
            state.places += 1
            state.counts.underWay += 1
            return true
        }
    }

    /// Takes more places for an event that has one; `false` counts it as dropped, and it has none then.
    package func widen(by places: Int) -> Bool {
        state.withLock { state in
            guard state.places + places <= limit else {
                state.places -= 1
                state.counts.underWay -= 1
                state.counts.dropped += 1
                return false
            }
            state.places += places
            return true
        }
    }

    /// Whether this drop is the first since ``expectDrops()``, and to be told.
    func isNews() -> Bool {
        state.withLock { state in
            defer { state.isDropTold = true }
            return !state.isDropTold
        }
    }

    /// The next drop is to be told again.
    func expectDrops() {
        state.withLock { $0.isDropTold = false }
    }

    /// Says what became of events that had entered.
    ///
    /// - Parameters:
    ///   - accepted: On their way to the journal.
    ///   - filtered: Kept back by the host's filter or its choice of domains.
    ///   - suppressed: Of a connection that is not believed any more, or a repetition of what was said.
    package func account(accepted: Int = 0, filtered: Int = 0, suppressed: Int = 0) {
        state.withLock { state in
            state.counts.accepted += accepted
            state.counts.filtered += filtered
            state.counts.suppressed += suppressed
            state.counts.underWay -= accepted + filtered + suppressed
        }
    }

    /// Gives places back once the events are in the journal, or known not to get there.
    ///
    /// Any thread.
    package func leave(_ places: Int = 1) {
        state.withLock { $0.places -= places }
    }

    /// Places that are taken.
    package var current: Int { state.withLock { $0.places } }

    /// What became of every event so far; one snapshot.
    package var counts: CallbackCounts { state.withLock { $0.counts } }
}

/// What became of a host's events before the journal: `callbacks = accepted + filtered + suppressed + dropped + underWay`.
package struct CallbackCounts: Hashable, Sendable {
    /// Events that libvirt called for.
    package var callbacks = 0

    /// Events that went on to the journal.
    package var accepted = 0

    /// Events that the host's filter or its choice of domains kept back.
    package var filtered = 0

    /// Events of a connection that was not believed any more, and repetitions.
    package var suppressed = 0

    /// Events that found no place.
    package var dropped = 0

    /// Events that were called for just now and are none of these yet.
    package var underWay = 0

    package init() {}

    package static func + (left: CallbackCounts, right: CallbackCounts) -> CallbackCounts {
        var sum = left
        sum.callbacks += right.callbacks
        sum.accepted += right.accepted
        sum.filtered += right.filtered
        sum.suppressed += right.suppressed
        sum.dropped += right.dropped
        sum.underWay += right.underWay
        return sum
    }

    package var isBalanced: Bool { callbacks == accepted + filtered + suppressed + dropped + underWay }
}
