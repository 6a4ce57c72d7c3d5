package import Connections
package import Dispatch
internal import Synchronization

/// Time that passes when a test says so.
package final class ManualScheduler: Scheduler {
    private struct State {
        var now: Duration = .zero
        var entries: [Entry] = []
    }

    private struct Entry {
        let id: Int
        let due: Duration
        let queue: DispatchQueue
        let action: @Sendable () -> Void
    }

    private let state = Locked(State())
    private let ids = Atomic<Int>(0)

    package init() {}

    package var now: Duration { state.withLock { $0.now } }

    /// How long until each pending action, soonest first.
    package var pending: [Duration] {
        state.withLock { state in state.entries.map { $0.due - state.now }.sorted() }
    }

    package func schedule(
        after delay: Duration,
        on queue: DispatchQueue,
        _ action: @escaping @Sendable () -> Void
    ) -> any Scheduled {
        let id = ids.add(1, ordering: .relaxed).newValue
        state.withLock { state in
            state.entries.append(Entry(id: id, due: state.now + delay, queue: queue, action: action))
        }
        return Handle { [weak self] in self?.state.withLock { $0.entries.removeAll { $0.id == id } } }
    }

    /// Drops what is pending: who plans anew for ever would hold this scheduler, and be held by it.
    package func forget() {
        state.withLock { $0.entries = [] }
    }

    /// Lets time pass; what falls due is put on its queue.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            let due = state.entries.filter { $0.due <= state.now }.sorted { $0.due < $1.due }
            state.entries.removeAll { $0.due <= state.now }
            return due
        }
        for entry in due { entry.queue.async(execute: entry.action) }
    }

    private struct Handle: Scheduled {
        let perform: @Sendable () -> Void

        init(_ perform: @escaping @Sendable () -> Void) {
            self.perform = perform
        }

        func cancel() { perform() }
    }
}
