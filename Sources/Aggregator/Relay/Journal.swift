internal import Connections
internal import Dispatch
internal import Logging
internal import Spool
internal import Synchronization

/// Commits records to the spool, all that came meanwhile in one transaction.
///
/// At once when idle; while a commit is under way the next one gathers. A disk that fails is tried again every second:
/// until then events keep their places in flight, so a host's further ones are dropped and counted there.
final class Journal: Sendable {
    /// 65,536 records of about 600 bytes: 40 MB while the disk stalls.
    ///
    /// Events are bounded by their places in flight; this bounds the fleet, and what we say ourselves.
    static let limit = 65_536

    private struct State {
        var pending = Batch()

        /// Records in the commit that is under way.
        var underWay = 0

        /// A commit is queued, under way, or to be tried again: there is one of them at a time.
        var isScheduled = false
        var isFailing = false
        var isRetryPlanned = false
        var committed = 0
        var dropped = 0

        /// - Returns: Whether the caller has to queue a commit.
        mutating func schedule() -> Bool {
            guard !isScheduled else { return false }
            isScheduled = !pending.records.isEmpty || !pending.places.isEmpty
            return isScheduled
        }
    }

    /// Records that go into the spool together, with the places their events hold.
    private struct Batch {
        var records: [SpoolRecord] = []
        var places: [(inFlight: InFlight, count: Int)] = []

        func giveBackPlaces() {
            for (inFlight, count) in places { inFlight.leave(count) }
        }
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "aggregator.relay")
    private let append: @Sendable ([SpoolRecord]) throws(SpoolError) -> Void
    private let scheduler: any Scheduler
    private let logger: Logger
    private let appended: @Sendable () -> Void

    /// - Parameters:
    ///   - scheduler: When to try again.
    ///   - logger: Hears of a disk that fails, once, and of its recovery.
    ///   - append: Puts records into the spool, all or none; may block for a disk access.
    ///   - appended: Called after each commit, on the journal's queue; must not block.
    init(
        scheduler: any Scheduler,
        logger: Logger,
        append: @escaping @Sendable ([SpoolRecord]) throws(SpoolError) -> Void,
        appended: @escaping @Sendable () -> Void
    ) {
        self.append = append
        self.scheduler = scheduler
        self.logger = logger
        self.appended = appended
    }

    /// Takes records in, in order.
    ///
    /// Any thread; returns at once.
    ///
    /// - Parameters:
    ///   - records: To be committed; beyond ``limit`` they are dropped and counted.
    ///   - places: How many places of `inFlight` to give back, once they are committed or dropped.
    ///   - inFlight: The host's.
    func take(_ records: [SpoolRecord], places: Int = 0, inFlight: InFlight? = nil) {
        let isFirst = state.withLock { state -> Bool in
            let room = max(0, Self.limit - state.pending.records.count - state.underWay)
            state.pending.records += records.prefix(room)
            state.dropped += max(0, records.count - room)
            if let inFlight, places > 0 { state.pending.places.append((inFlight, places)) }
            return state.schedule()
        }
        if isFirst { queue.async { self.commit() } }
    }

    /// Records committed by this run.
    var committed: Int { state.withLock { $0.committed } }

    /// Records that came while ``limit`` others waited for the disk.
    var dropped: Int { state.withLock { $0.dropped } }

    /// Returns when everything taken in so far is committed, or has failed to be.
    func flush() async {
        await withCheckedContinuation { continuation in
            queue.async {
                // A last attempt, however long the planned one has still to wait.
                if self.state.withLock(\.isFailing) { self.commit() }
                // A commit that was under way has queued the next one by now; this comes behind it.
                self.queue.async { continuation.resume() }
            }
        }
    }

    /// On the queue, one at a time.
    private func commit() {
        let batch = state.withLock { state in
            let batch = state.pending
            state.pending = Batch()
            state.underWay = batch.records.count
            return batch
        }
        do throws(SpoolError) {
            if !batch.records.isEmpty { try append(batch.records) }
        } catch {
            return keep(batch, because: error)
        }
        batch.giveBackPlaces()
        let (isRecovered, isMore) = state.withLock { state in
            state.committed += batch.records.count
            state.underWay = 0
            state.isScheduled = false
            defer { state.isFailing = false }
            return (state.isFailing, state.schedule())
        }
        if isRecovered { logger.notice("Journal works again") }
        if !batch.records.isEmpty { appended() }
        if isMore { queue.async { self.commit() } }
    }

    /// Puts a batch back in front, to be tried again.
    private func keep(_ batch: Batch, because error: SpoolError) {
        let (isNews, isFirst) = state.withLock { state in
            state.pending.records = batch.records + state.pending.records
            state.pending.places = batch.places + state.pending.places
            state.underWay = 0
            defer { (state.isFailing, state.isRetryPlanned) = (true, true) }
            return (!state.isFailing, !state.isRetryPlanned)
        }
        if isNews { logger.error("Journal cannot write", metadata: [LogKeys.error: "\(error)"]) }
        guard isFirst else { return }
        _ = scheduler.schedule(after: .seconds(1), on: queue) {
            self.state.withLock { $0.isRetryPlanned = false }
            self.commit()
        }
    }
}
