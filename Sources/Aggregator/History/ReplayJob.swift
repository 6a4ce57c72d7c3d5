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

    /// How many former ones are remembered, so that whoever watches one learns how it ended.
    private static let memory = 16

    /// How long a dry run goes on while nobody asks how far it is: whoever wanted to know has gone, and the next is waiting.
    static let patience = Duration.seconds(30)

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

        /// Another dry run is.
        case counting
        case spool(SpoolError)
    }

    private nonisolated let executor = QueueExecutor(DispatchQueue(label: "aggregator.replay"))
    private let environment: Environment
    private let places = InFlight(limit: 2 * ReplayJob.pendingLimit)
    private var telling: Task<Void, Never>?
    private var counting: Task<Void, Never>?

    /// The one that is under way, or the last.
    private(set) var view = ReplayView()

    /// The same of dry runs, which change nothing.
    private(set) var dryRun = ReplayView()

    /// When somebody asked for that last.
    private var asked = Duration.zero

    /// What was in the place of either before.
    private var former: [ReplayView] = []
    private var lastID: Int64 = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ environment: Environment) {
        self.environment = environment
    }

    /// Begins to count what is meant, which may take a minute, and changes nothing; ends when nobody asks for it any more.
    func count(_ request: ReplayRequest) throws(Refusal) -> ReplayView {
        guard dryRun.phase.isOver else { throw .counting }
        let scope = try scope(of: request)
        remember(dryRun)
        dryRun = ReplayView(phase: .counting, id: nextID(), rate: request.rate, started: environment.now().iso8601)
        asked = environment.scheduler.now
        counting = Task { await self.count(scope) }
        return dryRun
    }

    /// Begins to count what is meant, and then to tell it again.
    ///
    /// - Parameter who: Who asks for it.
    func start(_ request: ReplayRequest, by who: String) throws(Refusal) -> ReplayView {
        guard view.phase.isOver else { throw .busy }
        let scope = try scope(of: request)
        remember(view)
        view = ReplayView(
            phase: .counting,
            id: nextID(),
            rate: request.rate,
            by: who,
            started: environment.now().iso8601
        )
        telling = Task { await self.tell(scope) }
        return view
    }

    /// One of the last replays and dry runs; `nil` = it is not known any more.
    func view(of id: Int64) -> ReplayView? {
        if id == dryRun.id { asked = environment.scheduler.now }
        return ([view, dryRun] + former).first { $0.id == id }
    }

    /// Ends what is under way, if there is anything.
    ///
    /// - Returns: How the replay ended, or the dry run if that was all.
    func stop() async -> ReplayView {
        let id = view.phase.isOver && !dryRun.phase.isOver ? dryRun.id : view.id
        let tasks = [telling, counting].compactMap(\.self)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        return id.flatMap(view(of:)) ?? view
    }

    private func remember(_ view: ReplayView) {
        if view.id != nil { former = (former + [view]).suffix(Self.memory) }
    }

    /// One that no other life of the service has given either.
    private func nextID() -> Int64 {
        lastID = max(lastID + 1, environment.now().microseconds)
        return lastID
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

    private func count(_ scope: Scope) async {
        do throws(Refusal) {
            let counts = try await counts(of: scope) { share in
                dryRun.counted = share
                if environment.scheduler.now - asked > Self.patience { counting?.cancel() }
            }
            if let counts { dryRun.selected = counts }
            dryRun.phase = counts == nil ? .stopped : .dryRun
        } catch {
            dryRun.phase = .failed
            if case .spool(let error) = error { dryRun.message = error.description }
        }
        dryRun.counted = nil
        dryRun.ended = environment.now().iso8601
    }

    /// - Parameter progress: Told how far it is, from 0 to 1.
    /// - Returns: `nil` when it was stopped.
    private func counts(of scope: Scope, _ progress: (Double) -> Void) async throws(Refusal) -> ReplayCounts? {
        var counts = ReplayCounts()
        var position = scope.start
        while position < scope.last {
            guard !Task.isCancelled else { return nil }
            let page = try page(of: scope, after: position, withBytes: false)
            counts.add(page.found)
            guard !page.isLast else { break }
            position = page.end
            progress(Double(position - scope.start) / Double(scope.last - scope.start))
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

    private func tell(_ scope: Scope) async {
        do throws(Refusal) {
            if let counts = try await counts(of: scope, { view.counted = $0 }) {
                view.selected = counts
                try await tellCounted(scope)
            }
            end(Task.isCancelled ? .stopped : .done)
        } catch {
            end(.failed, because: error)
        }
    }

    private func tellCounted(_ scope: Scope) async throws(Refusal) {
        (view.phase, view.counted) = (.running, nil)
        environment.logger.notice(
            "Replay begins",
            metadata: ["events": "\(view.selected.total)", "rate": "\(view.rate)", "by": "\(view.by)"]
        )
        var position = scope.start
        var pending: ArraySlice<KeptEvent> = []
        var isLast = position >= scope.last
        var pace = ReplayPace(rate: view.rate, now: environment.scheduler.now)
        while !Task.isCancelled {
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
        while places.current > 0, !Task.isCancelled { await environment.scheduler.wait(for: Self.interval) }
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

    private func end(_ phase: ReplayView.Phase, because refusal: Refusal? = nil) {
        view.phase = phase
        // What is new, the copies among it, may have pushed out what is old.
        if phase == .done { view.missing = max(0, view.selected.total - view.sent - view.skipped) }
        view.counted = nil
        view.ended = environment.now().iso8601
        if case .spool(let error) = refusal { view.message = error.description }
        environment.logger.notice(
            "Replay ends",
            metadata: [
                "how": "\(phase.rawValue)", "sent": "\(view.sent)", "of": "\(view.selected.total)",
                "missing": "\(view.missing)",
            ]
        )
    }
}
