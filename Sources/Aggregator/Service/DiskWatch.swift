internal import Connections
internal import Dispatch
internal import Logging
internal import Synchronization

/// Sees a disk that does not answer, as one that is mounted over a network while its server is away: no call fails then,
/// so nothing else would say that nothing is sent.
///
/// Those who use the disk are asked for a sign of life, each on its own queue, which a call that hangs holds.
final class DiskWatch: Sendable {
    /// Between two questions.
    static let interval = Duration.seconds(5)

    /// What is still an answer: a busy disk takes a second for one, and a large journal that is looked through several.
    static let patience = Duration.seconds(10)

    /// Calls back on its queue, as soon as that is free.
    typealias User = @Sendable (_ done: @escaping @Sendable () -> Void) -> Void

    private struct State {
        /// When the question was put that is not answered by all, and by how many it is not.
        var asked: Duration?
        var missing = 0

        /// Whether it was said that the disk does not answer.
        var isSaid = false
        var waiting: [Int: Waiter] = [:]
        var waiters = 0

        struct Waiter {
            let continuation: CheckedContinuation<Bool, Never>
            let timer: any Scheduled
        }
    }

    private let users: [User]
    private let scheduler: any Scheduler
    private let logger: Logger
    private let queue = DispatchQueue(label: "aggregator.disk-watch")
    private let state = Mutex(State())

    init(_ users: [User], scheduler: any Scheduler, logger: Logger) {
        self.users = users
        self.scheduler = scheduler
        self.logger = logger
    }

    /// Asks from now on, for as long as somebody has this watch.
    func start() {
        look()
        _ = scheduler.schedule(after: Self.interval, on: queue) { [weak self] in self?.start() }
    }

    /// For how long the question has waited that is not answered; any thread, at once.
    var silence: Duration? {
        state.withLock(\.asked).map { scheduler.now - $0 }
    }

    /// Whether all answer in time; at once when they have not for so long already.
    func answers(within limit: Duration = DiskWatch.patience) async -> Bool {
        ask()
        return await withCheckedContinuation { continuation in
            let now = scheduler.now
            let isAnswered = state.withLock { state -> Bool? in
                guard let asked = state.asked else { return true }
                guard now - asked < limit else { return false }
                state.waiters += 1
                let number = state.waiters
                let timer = scheduler.schedule(after: limit - (now - asked), on: queue) { [weak self] in
                    let late = self?.state.withLock { $0.waiting.removeValue(forKey: number) }
                    late?.continuation.resume(returning: false)
                }
                state.waiting[number] = State.Waiter(continuation: continuation, timer: timer)
                return nil
            }
            if let isAnswered { continuation.resume(returning: isAnswered) }
        }
    }

    /// One question at a time, so that none pile up behind a call that hangs.
    private func ask() {
        let isFree = state.withLock { state in
            guard state.asked == nil else { return false }
            (state.asked, state.missing) = (scheduler.now, users.count)
            return true
        }
        if isFree { for user in users { user { self.answered() } } }
    }

    private func answered() {
        let now = scheduler.now
        let (waiting, silence) = state.withLock { state -> ([State.Waiter], Duration?) in
            state.missing -= 1
            guard state.missing == 0, let asked = state.asked else { return ([], nil) }
            defer { (state.asked, state.isSaid, state.waiting) = (nil, false, [:]) }
            return (Array(state.waiting.values), state.isSaid ? now - asked : nil)
        }
        for waiter in waiting {
            waiter.timer.cancel()
            waiter.continuation.resume(returning: true)
        }
        if let silence { logger.notice("Journal's disk answers again", metadata: [LogKeys.age: "\(silence.brief)"]) }
    }

    private func look() {
        let now = scheduler.now
        let silence = state.withLock { state -> Duration? in
            guard let asked = state.asked, now - asked >= Self.patience, !state.isSaid else { return nil }
            state.isSaid = true
            return now - asked
        }
        if let silence {
            logger.critical(
                "Journal's disk does not answer: nothing is sent, and what is heard waits",
                metadata: [LogKeys.age: "\(silence.brief)"]
            )
        }
        ask()
    }
}
