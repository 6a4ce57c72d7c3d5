internal import Dispatch
internal import Glibc

/// What the loop thread is about, seen from others.
extension EventLoop {
    /// The handler or timer that runs at this moment.
    var handler: LoopHandler? { state.withLock(\.handler) }

    /// Notes that a handler holds up the loop.
    ///
    /// - Returns: Whether that is news.
    func isHeldUp(by handler: LoopHandler) -> Bool {
        state.withLock { state in
            guard state.counters.heldBy == nil else { return false }
            state.counters.stalls += 1
            state.counters.heldBy = handler.binding?.host ?? ""
            return true
        }
    }

    func goesOn() {
        state.withLock { $0.counters.heldBy = nil }
    }

    /// Blocks until the loop has called every timer that is due now.
    ///
    /// What libvirt reads while a call waits for its answer it leaves to a timer: before this returns such an event may
    /// not have been handed in, although it came before the answer.
    func awaitTurn() {
        let turn = DispatchSemaphore(value: 0)
        let isElsewhere = state.withLock { state in
            if let thread = state.thread, pthread_equal(thread, pthread_self()) != 0 { return false }
            state.waiting.append(turn)
            state.wakeLoop()
            return true
        }
        if isElsewhere { turn.wait() }
    }
}

extension EventLoop.State {
    /// A handler or timer is about to run.
    mutating func begin(_ binding: LoopBinding?) {
        handled += 1
        handler = LoopHandler(number: handled, binding: binding)
    }

    /// Takes those who wait for the turn that begins.
    mutating func takeWaiting() -> [DispatchSemaphore] {
        defer { waiting = [] }
        return waiting
    }
}
