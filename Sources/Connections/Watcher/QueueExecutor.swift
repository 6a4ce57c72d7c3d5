internal import Dispatch

/// Runs an actor on a Dispatch serial queue.
///
/// `DispatchSerialQueue` is not a `SerialExecutor` on Linux. Blocks put on the queue directly are on the actor, too, and
/// keep their order, which a `Task` does not promise: they enter it with `assumeIsolated`.
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(_ queue: DispatchQueue) {
        self.queue = queue
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { job.runSynchronously(on: executor) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
