internal import Synchronization

/// How many of one host's events are between libvirt's callback and the journal.
///
/// An event takes a place, and another for each 4 KiB of its texts and marks.
///
/// The bound of everything before the journal: when the disk stalls or a host floods, its further events are dropped
/// and counted here, and no other host notices.
package final class InFlight: Sendable {
    /// 4,096 places: as many ordinary events, or fewer large ones.
    package static let defaultLimit = 4_096

    private let limit: Int
    private let count = Atomic<Int>(0)
    private let drops = Atomic<Int>(0)

    package init(limit: Int = InFlight.defaultLimit) {
        self.limit = limit
    }

    /// Takes places for one event; `false` counts a drop.
    ///
    /// Any thread.
    package func enter(_ places: Int = 1) -> Bool {
        guard count.add(places, ordering: .relaxed).newValue > limit else { return true }
        count.subtract(places, ordering: .relaxed)
        drops.add(1, ordering: .relaxed)
        return false
    }

    /// Gives places back once the events are in the journal, or known not to get there.
    ///
    /// Any thread.
    package func leave(_ places: Int = 1) {
        count.subtract(places, ordering: .relaxed)
    }

    package var current: Int { count.load(ordering: .relaxed) }

    /// Events that found no place, ever.
    package var dropped: Int { drops.load(ordering: .relaxed) }
}
