package import Dispatch

/// Hands items from any thread to a serial queue, in order, one hop for all that came meanwhile.
///
/// Under load a hop per event costs more than the event; here the queue is woken once and takes everything there is.
/// Bounded by its users: every event of a watcher holds a place of ``InFlight``, and a connection is lost once.
package final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var isScheduled = false
    }

    private let state = PosixLock(State())
    private let queue: DispatchQueue
    private let receive: @Sendable ([Item]) -> Void

    /// - Parameter receive: Called on `queue` with at least one item.
    package init(queue: DispatchQueue, receive: @escaping @Sendable ([Item]) -> Void) {
        self.queue = queue
        self.receive = receive
    }

    /// Any thread; returns at once.
    package func post(_ item: Item) {
        let isFirst = state.withLock { state in
            state.items.append(item)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { queue.async { self.drain() } }
    }

    private func drain() {
        let items = state.withLock { state in
            defer { state = State() }
            return state.items
        }
        receive(items)
    }
}
