internal import Connections
internal import Dispatch
internal import Synchronization

extension BlockingPool {
    /// Runs a call that may block on a thread of its own, and waits for it without holding up any other task.
    ///
    /// - Parameters:
    ///   - deadline: How long to wait, for a thread and for the call together.
    ///   - scheduler: Tells when that is over.
    ///   - returned: Called when it returns, in time or not, and when it did not even begin.
    ///   - body: The call; not made any more when the wait is over before there was a thread.
    /// - Returns: `nil` when it did not return in time; if it had begun it goes on, and its thread is missing from its
    ///   lane.
    func run<Value: Sendable>(
        within deadline: Duration,
        scheduler: any Scheduler,
        returned: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable () -> Value
    ) async -> Value? {
        let wait = Wait<Value>()
        let timer = scheduler.schedule(after: deadline, on: .global()) { wait.end(with: nil) }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            wait.begin(continuation)
            let call = BlockingCall<Value?>(
                deadline: deadline,
                body: {
                    defer { returned() }
                    return wait.isOver ? nil : body()
                },
                finished: { wait.end(with: $0) },
                expired: { wait.end(with: nil) }
            )
            submit(call, lane: .call)
        }
    }
}

/// Somebody who waits for a value and gets it, or nothing, once.
private final class Wait<Value: Sendable>: Sendable {
    private enum State {
        case ahead
        case waiting(CheckedContinuation<Value?, Never>)
        case over
    }

    private let state = Mutex(State.ahead)

    var isOver: Bool {
        state.withLock { state in
            if case .over = state { true } else { false }
        }
    }

    func begin(_ continuation: CheckedContinuation<Value?, Never>) {
        let isOver = state.withLock { state in
            if case .over = state { return true }
            state = .waiting(continuation)
            return false
        }
        if isOver { continuation.resume(returning: nil) }
    }

    func end(with value: Value?) {
        let former = state.withLock { state in
            defer { state = .over }
            return state
        }
        if case .waiting(let continuation) = former { continuation.resume(returning: value) }
    }
}
