internal import Connections

extension BlockingPool {
    /// Runs a call that may block on a thread of its own, and waits for it without holding up any other task.
    ///
    /// - Parameters:
    ///   - deadline: How long to wait once a thread has taken it.
    ///   - returned: Called when it returns, in time or not.
    ///   - body: The call.
    /// - Returns: `nil` when it did not return in time; it goes on, and its thread is missing from its lane.
    func run<Value: Sendable>(
        within deadline: Duration,
        returned: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable () -> Value
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let call = BlockingCall<Value>(
                deadline: deadline,
                body: {
                    defer { returned() }
                    return body()
                },
                finished: { continuation.resume(returning: $0) },
                expired: { continuation.resume(returning: nil) }
            )
            submit(call, lane: .call)
        }
    }
}
