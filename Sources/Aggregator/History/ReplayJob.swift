internal import Connections
internal import Dispatch
internal import Logging
internal import SaltBus
internal import Spool

/// Tells kept events again, marked as such, at a bounded rate; one selection at a time.
///
/// It gives way: it goes on only while few of its records wait for the journal, and while little waits for the bus. Reads
/// the spool on a queue of its own, over a connection of its own.
actor ReplayJob {
    /// How many of its records may wait for the journal: some 150 KB.
    static let pendingLimit = 256

    /// How many records may wait for the bus, whoever they are of.
    static let waitingLimit = 2_000

    /// How long it rests between two batches at least.
    private static let interval = Duration.milliseconds(100)

    /// What it works on.
    struct Environment: Sendable {
        let open: @Sendable () throws(SpoolError) -> SpoolHistory

        /// Takes records in for the journal, which gives their places back.
        let take: @Sendable (_ records: [SpoolRecord], _ places: InFlight) -> Void

        /// How many records wait for the bus.
        let waiting: @Sendable () async -> Int
        let scheduler: any Scheduler
        let now: @Sendable () -> Timestamp
        let logger: Logger
    }

    /// Why a replay was not begun.
    enum Refusal: Error {
        /// Another one is under way.
        case busy
        case spool(SpoolError)
    }

    private nonisolated let executor = QueueExecutor(DispatchQueue(label: "aggregator.replay"))
    private let environment: Environment
    private let places = InFlight(limit: 2 * ReplayJob.pendingLimit)
    private var isStopping = false
    private var run: Task<Void, Never>?
    private var ended: [CheckedContinuation<Void, Never>] = []

    /// The one that is under way, or the last.
    private(set) var view = ReplayView()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ environment: Environment) {
        self.environment = environment
    }

    /// Counts what is meant, and changes nothing.
    func count(_ request: ReplayRequest) async throws(Refusal) -> ReplayView {
        let scope = try scope(of: request)
        var view = ReplayView(phase: .dryRun, rate: request.rate)
        view.selected = try await counts(of: scope) { false }
        return view
    }

    /// Counts what is meant, and begins to tell it again.
    ///
    /// - Parameter who: Who asks for it.
    func start(_ request: ReplayRequest, by who: String) async throws(Refusal) -> ReplayView {
        guard view.phase.isOver else { throw .busy }
        let scope = try scope(of: request)
        isStopping = false
        view = ReplayView(phase: .counting, rate: request.rate, by: who, started: environment.now().iso8601)
        do throws(Refusal) {
            view.selected = try await counts(of: scope) { isStopping }
        } catch {
            end(.failed, because: error)
            throw error
        }
        guard !isStopping else { return end(.stopped) }
        view.phase = .running
        environment.logger.notice(
            "Replay begins",
            metadata: ["events": "\(view.selected.total)", "rate": "\(request.rate)", "by": "\(who)"]
        )
        run = Task { await self.tell(scope, rate: request.rate) }
        return view
    }

    /// Ends the one that is under way, if there is one.
    func stop() async -> ReplayView {
        isStopping = true
        run?.cancel()
        if !view.phase.isOver { await withCheckedContinuation { ended.append($0) } }
        return view
    }

    // MARK: - On the job's queue

    /// What a replay goes through.
    private struct Scope {
        let history: SpoolHistory
        let selection: SpoolSelection

        /// Its positions: after one, up to another, up to which everything is settled.
        let start: Int64
        let last: Int64
    }

    private func scope(of request: ReplayRequest) throws(Refusal) -> Scope {
        do throws(SpoolError) {
            let history = try environment.open()
            let span = try history.span()
            var selection = request.selection.ofSpool
            // What the bus would not have will not be had for asking again.
            selection.isDead = false
            return Scope(history: history, selection: selection, start: (span.first ?? 1) - 1, last: span.watermark)
        } catch {
            throw .spool(error)
        }
    }

    private func counts(of scope: Scope, until isOver: () -> Bool) async throws(Refusal) -> ReplayCounts {
        var counts = ReplayCounts()
        var position = scope.start
        while position < scope.last, !isOver() {
            let page = try page(of: scope, after: position, withBytes: false)
            counts.add(page.found)
            guard !page.isLast else { break }
            position = page.end
            // Whoever asks how far it is comes in between.
            await Task.yield()
        }
        return counts
    }

    private func page(
        of scope: Scope,
        after position: Int64,
        withBytes: Bool = true
    ) throws(Refusal) -> SpoolPage<KeptEvent> {
        do throws(SpoolError) {
            return try scope.history.events(
                scope.selection,
                after: position,
                through: scope.last,
                withBytes: withBytes
            )
        } catch {
            throw .spool(error)
        }
    }

    private func tell(_ scope: Scope, rate: Int) async {
        var position = scope.start
        var pending: ArraySlice<KeptEvent> = []
        var isLast = position >= scope.last
        var pace = ReplayPace(rate: rate, now: environment.scheduler.now)
        do throws(Refusal) {
            while !isStopping {
                if pending.isEmpty {
                    guard !isLast else { break }
                    let page = try page(of: scope, after: position)
                    (pending, position, isLast) = (page.found[...], page.end, page.isLast)
                    await Task.yield()
                    continue
                }
                let room = await room()
                view.phase = room > 0 ? .running : .held
                let count = pace.take(upTo: min(room, pending.count), at: environment.scheduler.now)
                if count > 0 { give(pending.prefix(count)) }
                pending = pending.dropFirst(count)
                if !pending.isEmpty { await environment.scheduler.wait(for: max(Self.interval, pace.step)) }
            }
            while places.current > 0, !isStopping { await environment.scheduler.wait(for: Self.interval) }
            end(isStopping ? .stopped : .done)
        } catch {
            end(.failed, because: error)
        }
    }

    /// How many records may be given to the journal now.
    private func room() async -> Int {
        guard await environment.waiting() < Self.waitingLimit else { return 0 }
        return max(0, Self.pendingLimit - places.current)
    }

    private func give(_ events: ArraySlice<KeptEvent>) {
        let moment = environment.now()
        let records = events.compactMap { event -> SpoolRecord? in
            guard let copy = try? UnstampedEvent(bytes: event.bytes).replayed() else { return nil }
            return SpoolRecord(
                time: moment.microseconds,
                host: event.host,
                object: event.object,
                kind: event.kind,
                subject: event.subject,
                replayOf: event.position,
                bytes: copy.bytes
            )
        }
        view.sent += records.count
        view.skipped += events.count - records.count
        // There is room: nobody else takes places here.
        for _ in records { _ = places.enter() }
        if !records.isEmpty { environment.take(records, places) }
    }

    @discardableResult
    private func end(_ phase: ReplayView.Phase, because refusal: Refusal? = nil) -> ReplayView {
        view.phase = phase
        view.ended = environment.now().iso8601
        if case .spool(let error) = refusal { view.message = error.description }
        for continuation in ended { continuation.resume() }
        ended = []
        environment.logger.notice(
            "Replay ends",
            metadata: ["how": "\(phase.rawValue)", "sent": "\(view.sent)", "of": "\(view.selected.total)"]
        )
        return view
    }
}
