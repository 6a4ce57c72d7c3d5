internal import Connections
internal import Dispatch

extension Scheduler {
    /// Returns after a delay, or when the task is cancelled.
    func wait(for delay: Duration) async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let timer = schedule(after: delay, on: .global()) { end.finish() }
        for await _ in ends {}
        timer.cancel()
    }
}
