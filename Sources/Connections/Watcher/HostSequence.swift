internal import Synchronization

/// Counts everything said of one host, from 1.
///
/// It outlives the host's watcher: a host that gets another connection, or comes back into the inventory, goes on where
/// it was, because a number that came twice would make two events one.
package final class HostSequence: Sendable {
    private let last = Atomic<UInt64>(0)

    package init() {}

    /// The next number; called by one watcher at a time.
    func next() -> UInt64 {
        last.add(1, ordering: .relaxed).newValue
    }
}
