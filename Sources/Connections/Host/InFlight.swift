internal import Synchronization

/// How many of one host's events are between libvirt's callback and the journal.
///
/// The bound of everything before the journal: when the disk stalls or a host floods, its further events are dropped
/// and counted here, and no other host notices.
package final class InFlight: Sendable {
    /// 4,096 events of about 600 bytes are 2.4 MB; a host that fills every event to its cap, 24 KiB, takes 100 MB.
    package static let defaultLimit = 4_096

    private let limit: Int
    private let count = Atomic<Int>(0)
    private let drops = Atomic<Int>(0)

    package init(limit: Int = InFlight.defaultLimit) {
        self.limit = limit
    }

    /// Takes one place; `false` counts a drop.
    ///
    /// Any thread.
    package func enter() -> Bool {
        guard count.add(1, ordering: .relaxed).newValue > limit else { return true }
        count.subtract(1, ordering: .relaxed)
        drops.add(1, ordering: .relaxed)
        return false
    }

    /// Gives places back once the events are in the journal, or known not to get there.
    ///
    /// Any thread.
    package func leave(_ events: Int = 1) {
        count.subtract(events, ordering: .relaxed)
    }

    package var current: Int { count.load(ordering: .relaxed) }

    /// Events that found no place, ever.
    package var dropped: Int { drops.load(ordering: .relaxed) }
}
