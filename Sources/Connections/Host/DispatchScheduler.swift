package import Dispatch

/// The real time.
package struct DispatchScheduler: Scheduler {
    private let origin = ContinuousClock.now

    package init() {}

    package var now: Duration { origin.duration(to: .now) }

    package func schedule(
        after delay: Duration,
        on queue: DispatchQueue,
        _ action: @escaping @Sendable () -> Void
    ) -> any Scheduled {
        let item = Item(action)
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(delay / .nanoseconds(1)))) { item.run() }
        return item
    }

    /// The closure is let go on cancel: the block that Dispatch still holds until the deadline then costs a few bytes.
    private final class Item: Scheduled {
        private let action: PosixLock<(@Sendable () -> Void)?>

        init(_ action: @escaping @Sendable () -> Void) {
            self.action = PosixLock(action)
        }

        func cancel() {
            action.withLock { $0 = nil }
        }

        func run() {
            let action = action.withLock { action in
                defer { action = nil }
                return action
            }
            action?()
        }
    }
}
