extension BlockingPool {
    /// A call with its type erased.
    ///
    /// Sendable because what changes is read and written only under the pool's lock, and everything else is constant.
    final class Job: @unchecked Sendable {
        enum Phase { case running, expired, over }

        let lane: Lane
        let admission: Admission
        let deadline: Duration
        let perform: @Sendable () -> Outcome
        let abort: (@Sendable () -> Void)?
        let expired: @Sendable () -> Void
        var phase = Phase.running

        /// Whether its thread counts against its lane no longer.
        var isApart = false

        /// When a thread took it, by the scheduler's clock; `nil` before.
        var began: Duration?

        /// When it is looked at because it waits or takes long, and the next time it is asked to abort.
        var timer, press: (any Scheduled)?
        var isAborting = false

        struct Outcome {
            let finished: () -> Void
            let late: () -> Void
        }

        init<Value: Sendable>(_ call: BlockingCall<Value>, lane: Lane, admission: Admission) {
            self.lane = lane
            self.admission = admission
            deadline = call.deadline
            perform = {
                let value = call.body()
                return Outcome(finished: { call.finished(value) }, late: { call.late(value) })
            }
            abort = call.abort
            expired = call.expired
        }
    }
}
