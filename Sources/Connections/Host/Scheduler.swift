package import Dispatch

/// Time as a parameter: the only way a watcher or a pool learns how late it is or has something done later.
package protocol Scheduler: Sendable {
    /// Monotonic time since a moment of no meaning.
    var now: Duration { get }

    /// Runs `action` on `queue` once `delay` has passed, unless it is cancelled before.
    func schedule(
        after delay: Duration,
        on queue: DispatchQueue,
        _ action: @escaping @Sendable () -> Void
    ) -> any Scheduled
}

/// Something that is going to happen.
package protocol Scheduled: Sendable {
    /// Prevents the action if it has not begun. Any thread; more than once is harmless.
    func cancel()
}
