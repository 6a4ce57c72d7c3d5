import Connections
import Dispatch
import TestSupport

/// A host whose calls do not return until it answers, and what became of them.
final class MuteHost: Sendable {
    struct Counts: Equatable, Sendable {
        var begun = 0
        var aborted = 0
        var finished = 0
        var expired = 0
        var late = 0
    }

    private let answers = DispatchSemaphore(value: 0)
    private let state = Locked(Counts())

    var counts: Counts { state.withLock { $0 } }

    /// Makes a call to it; one that `canAbort` is asked to return, and does not.
    @discardableResult
    func call(
        _ pool: BlockingPool,
        lane: BlockingPool.Lane,
        deadline: Duration = .seconds(5),
        canAbort: Bool = false,
        admission: Admission = Admission()
    ) -> BlockingTicket {
        let abort = { @Sendable () -> Void in self.count(\.aborted) }
        let call = BlockingCall<Void>(
            deadline: deadline,
            body: {
                self.count(\.begun)
                self.answers.wait()
            },
            abort: canAbort ? abort : nil,
            finished: { self.count(\.finished) },
            expired: { self.count(\.expired) },
            late: { self.count(\.late) }
        )
        return pool.submit(call, lane: lane, admission: admission)
    }

    /// Has so many calls return.
    func answer(_ calls: Int = 1) {
        for _ in 0..<calls { answers.signal() }
    }

    private func count(_ what: WritableKeyPath<Counts, Int>) {
        state.withLock { $0[keyPath: what] += 1 }
    }
}
