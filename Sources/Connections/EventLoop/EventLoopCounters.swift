/// What the event loop holds and has done; a snapshot.
///
/// After the last connection is closed and libvirt has let go, ``isBalanced`` holds: tests assert it after every stop.
package struct EventLoopCounters: Equatable, Sendable {
    /// Handles and timers libvirt has added and not yet removed.
    package var handles = 0
    package var timers = 0

    /// Handles and timers ever added, and those whose free callback has returned (or that had none).
    package var added = 0
    package var freed = 0

    /// Handles and timers added on a thread without a ``LoopBinding``: nobody could abort them.
    package var orphans = 0

    /// Times the loop thread woke up.
    package var wakeups = 0

    /// How often a connection has held up the loop, and whose does so now.
    package var stalls = 0
    package var heldBy: String?

    package var isBalanced: Bool { handles == 0 && timers == 0 && added == freed }
}
