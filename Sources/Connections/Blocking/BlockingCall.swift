/// A call that may block for ever, with what is to happen when it does.
///
/// Exactly one of `finished`, `expired` and `unserved` is called; `late` follows `expired` if the call returns after all, so
/// that what it made can be undone. All of them run on a pool thread or a timer's queue: hop, and return.
package struct BlockingCall<Value: Sendable>: Sendable {
    /// How long the call may take, from the moment a thread takes it; waiting for a thread does not count.
    package var deadline: Duration

    /// The call itself, on a thread of its own.
    package var body: @Sendable () -> Value

    /// Asked to make `body` return, at the deadline; `nil` = nothing can.
    ///
    /// May be called while `body` is just returning.
    package var abort: (@Sendable () -> Void)?
    package var finished: @Sendable (Value) -> Void
    package var expired: @Sendable () -> Void = {}
    package var late: @Sendable (Value) -> Void = { _ in }

    /// No thread had taken it when its ``Admission/patience`` was at its end.
    package var unserved: @Sendable () -> Void = {}

    package init(
        deadline: Duration,
        body: @escaping @Sendable () -> Value,
        abort: (@Sendable () -> Void)? = nil,
        finished: @escaping @Sendable (Value) -> Void,
        expired: @escaping @Sendable () -> Void = {},
        late: @escaping @Sendable (Value) -> Void = { _ in },
        unserved: @escaping @Sendable () -> Void = {}
    ) {
        self.deadline = deadline
        self.body = body
        self.abort = abort
        self.finished = finished
        self.expired = expired
        self.late = late
        self.unserved = unserved
    }
}
