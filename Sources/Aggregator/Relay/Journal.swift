internal import Connections
internal import Dispatch
internal import Logging
internal import Spool
internal import Synchronization

/// Commits what the relay has to the spool, all that came meanwhile in one transaction.
///
/// A disk that fails is tried again every second; after ``patience`` tries the spool goes on in memory, and the disk is
/// tried again every ten. Meanwhile events keep their places in flight, so a host's further ones are dropped and counted
/// there.
final class Journal: Sendable {
    /// Tries before the spool goes on in memory.
    static let patience = 3

    private struct State {
        var queue = JournalQueue()

        /// Tries that failed in a row.
        var failures = 0
        var isRetryPlanned = false

        /// Whether records are kept in memory.
        var isInMemory = false

        /// Whether the way back to the disk has failed, which has been said then.
        var isReturnFailing = false

        /// Told what was dropped; see ``Journal/tellLosses(to:)``.
        var lost: (@Sendable ([String: Lost]) -> Void)?
        var isLookPlanned = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "aggregator.relay")
    private let store: JournalStore
    private let scheduler: any Scheduler
    private let logger: Logger
    private let appended: @Sendable (Appended) -> Void

    /// - Parameters:
    ///   - last: The position of the last record in the spool. The default is 0, of an empty one.
    ///   - linger: How long records gather after a commit, twice as long after one that had many. The default is 8 ms.
    ///   - scheduler: When to write, and when to try again.
    ///   - logger: Hears of a disk that fails, once, and of its recovery.
    ///   - store: Where records go.
    ///   - appended: Called after each commit of records, on the journal's queue; must not block.
    init(
        last: Int64 = 0,
        linger: Duration = .milliseconds(8),
        scheduler: any Scheduler,
        logger: Logger,
        store: JournalStore,
        appended: @escaping @Sendable (Appended) -> Void
    ) {
        self.store = store
        self.scheduler = scheduler
        self.logger = logger
        self.appended = appended
        state.withLock { $0.queue = JournalQueue(last: last, linger: linger) }
    }

    /// Takes entries in, in order.
    ///
    /// Any thread; returns at once.
    ///
    /// - Parameters:
    ///   - entries: To be committed; records beyond ``JournalQueue/limit`` are dropped and counted.
    ///   - inFlight: The host's; gets back the places that the entries hold, once they are committed or dropped. The
    ///     default is `nil`, for what holds none.
    func take(_ entries: [JournalEntry], of inFlight: InFlight? = nil) {
        let now = scheduler.now
        let (next, hasLosses) = state.withLock { ($0.queue.take(entries, of: inFlight, at: now), $0.queue.hasLosses) }
        act(on: next)
        if hasLosses { planLook() }
    }

    /// Has somebody told what of which host was dropped, once records are taken again; until then it is remembered.
    ///
    /// - Parameter lost: Called on the journal's queue; must not block.
    func tellLosses(to lost: @escaping @Sendable ([String: Lost]) -> Void) {
        state.withLock { $0.lost = lost }
        planLook()
    }

    /// What became of everything taken in; one snapshot.
    var counts: JournalCounts { state.withLock { $0.queue.counts } }

    /// The same, with each host's records among those that were dropped; replays aside; under no name the service's own.
    var losses: (counts: JournalCounts, hosts: [String: Int]) {
        state.withLock { ($0.queue.counts, $0.queue.dropped) }
    }

    /// Sets a mark behind everything taken in so far.
    ///
    /// Any thread, at once.
    func mark() -> JournalMark {
        let now = scheduler.now
        return state.withLock { $0.queue.mark(at: now) }
    }

    /// The hosts of which something was lost about then or since, and is maybe not known to be missing yet; `nil` while
    /// something from before the mark still waits for the disk.
    ///
    /// Any thread, at once.
    func losses(before mark: JournalMark) -> Set<String>? {
        state.withLock { $0.queue.losses(before: mark) }
    }

    /// Whether the disk has failed, and records are kept in memory.
    var isInMemory: Bool { state.withLock { $0.isInMemory } }

    /// Returns when everything taken in so far is committed, or has failed to be.
    func flush() async {
        await withCheckedContinuation { continuation in
            queue.async {
                // A last attempt, however long the planned one has still to wait; and then there is memory, from where
                // it can still be sent.
                while self.commit() {}
                if self.state.withLock({ $0.failures > 0 && !$0.isInMemory }) {
                    self.goOnInMemory()
                    while self.commit() {}
                }
                continuation.resume()
            }
        }
    }

    /// Tries once more to bring what is in memory to the disk, and notes that the service ended in order.
    func bringToDisk() async {
        await withCheckedContinuation { continuation in
            queue.async {
                if self.isInMemory { self.returnToDisk() }
                self.store.end()
                continuation.resume()
            }
        }
    }

    /// Calls back on the queue on which the disk is written to, as soon as that is free.
    func whenFree(_ done: @escaping @Sendable () -> Void) { queue.async(execute: done) }

    /// Leaves a disk on which damage was met, however well it takes records still: on the way back it is put aside.
    ///
    /// Any thread; returns at once.
    func leaveDamage() {
        // Nobody is woken for nothing.
        guard store.isDamaged() else { return }
        queue.async {
            if self.store.isDamaged() { self.goOnInMemory() }
        }
    }

    private func act(on next: JournalQueue.Next) {
        switch next {
        case .nothing: break
        case .commit: queue.async { self.commit() }
        case .commitLater(let delay):
            let turn = state.withLock { $0.queue.turn }
            _ = scheduler.schedule(after: delay, on: queue) {
                if self.state.withLock({ $0.queue.lingered(turn) }) == .commit { self.commit() }
            }
        }
    }

    /// On the queue, one at a time.
    ///
    /// - Returns: Whether something was written, or dropped for good.
    @discardableResult
    private func commit() -> Bool {
        let batch = state.withLock { $0.queue.begin() }
        guard !batch.isEmpty else {
            let now = scheduler.now
            act(on: state.withLock { $0.queue.committed(last: nil, at: now) })
            return false
        }
        var outcome: Appended?
        do throws(SpoolError) {
            if !batch.content.isEmpty { outcome = try store.append(batch.content) }
        } catch  where error.code == .full {
            batch.giveBackPlaces()
            let now = scheduler.now
            act(on: state.withLock { $0.queue.refused(at: now) })
            planLook()
            return true
        } catch {
            retry(because: error)
            return false
        }
        batch.giveBackPlaces()
        let now = scheduler.now
        let (next, isRecovered) = state.withLock { state in
            defer { state.failures = 0 }
            return (state.queue.committed(last: outcome?.last, at: now), state.failures > 0 && !state.isInMemory)
        }
        if isRecovered { logger.notice("Journal works again") }
        if let outcome, !batch.content.records.isEmpty || !outcome.removed.isEmpty { appended(outcome) }
        act(on: next)
        return true
    }

    // MARK: What was dropped

    private func planLook() {
        let isNeeded = state.withLock { state in
            guard state.queue.hasLosses, state.lost != nil, !state.isLookPlanned else { return false }
            state.isLookPlanned = true
            return true
        }
        guard isNeeded else { return }
        _ = scheduler.schedule(after: JournalLosses.quiet, on: queue) { self.lookAtLosses() }
    }

    private func lookAtLosses() {
        let now = scheduler.now
        let (losses, lost) = state.withLock { state in
            state.isLookPlanned = false
            return (state.queue.takeLosses(at: now), state.lost)
        }
        if !losses.isEmpty { lost?(losses) }
        planLook()
    }

    // MARK: A disk that fails

    private func retry(because error: SpoolError) {
        let (failures, isFirst) = state.withLock { state in
            state.queue.failed()
            state.failures += 1
            defer { state.isRetryPlanned = true }
            return (state.failures, !state.isRetryPlanned)
        }
        if failures == 1 { logger.error("Journal cannot write", metadata: [LogKeys.error: "\(error)"]) }
        if failures >= Self.patience { goOnInMemory() }
        guard isFirst else { return }
        _ = scheduler.schedule(after: .seconds(1), on: queue) {
            self.state.withLock { $0.isRetryPlanned = false }
            self.commit()
        }
    }

    private func goOnInMemory() {
        guard !isInMemory else { return }
        do throws(SpoolError) {
            try store.leaveDisk()
        } catch {
            return logger.error("Journal cannot go on in memory", metadata: [LogKeys.error: "\(error)"])
        }
        state.withLock { $0.isInMemory = true }
        logger.critical("Journal is kept in memory: what is not sent is lost when the service ends")
        planReturn()
    }

    private func planReturn() {
        _ = scheduler.schedule(after: .seconds(10), on: queue) {
            if self.isInMemory, !self.returnToDisk() { self.planReturn() }
        }
    }

    @discardableResult
    private func returnToDisk() -> Bool {
        do throws(SpoolError) {
            let movedAside = try store.returnToDisk()
            state.withLock { ($0.isInMemory, $0.isReturnFailing) = (false, false) }
            logger.notice("Journal is on the disk again")
            if let movedAside {
                logger.error(
                    "Journal was damaged and is begun anew: what could not be read of it is lost",
                    metadata: ["moved_to": "\(movedAside)"]
                )
            }
            return true
        } catch {
            let isFirst = state.withLock { state in
                defer { state.isReturnFailing = true }
                return !state.isReturnFailing
            }
            if isFirst { logger.error("Journal cannot return to the disk", metadata: [LogKeys.error: "\(error)"]) }
            return false
        }
    }
}
