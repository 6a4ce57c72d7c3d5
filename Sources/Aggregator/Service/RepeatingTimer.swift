internal import Connections
internal import Dispatch
internal import Synchronization

/// Runs something again and again until it is cancelled.
final class RepeatingTimer: Sendable {
    private let isCancelled = Atomic<Bool>(false)
    private let interval: Duration
    private let queue: DispatchQueue
    private let scheduler: any Scheduler
    private let action: @Sendable () -> Void

    init(
        every interval: Duration,
        on queue: DispatchQueue,
        scheduler: any Scheduler,
        _ action: @escaping @Sendable () -> Void
    ) {
        self.interval = interval
        self.queue = queue
        self.scheduler = scheduler
        self.action = action
        plan()
    }

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    private func plan() {
        _ = scheduler.schedule(after: interval, on: queue) { [self] in
            guard !isCancelled.load(ordering: .relaxed) else { return }
            action()
            plan()
        }
    }
}
