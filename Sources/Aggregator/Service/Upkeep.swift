internal import Connections
internal import Dispatch
internal import Logging
internal import ServiceLifecycle
internal import Spool

/// What is to be done every now and then: it is noted when each host was last heard, old history goes, and what was given
/// up is told.
struct Upkeep: Sendable {
    /// How often it is looked whether something is to be told anew; at every fifth look it is noted what was heard and
    /// dropped, and at every thirtieth there is ``maintenance``.
    static let interval = Duration.seconds(2)
    static let note = 5
    static let maintenance = 30

    /// What is believed of the clock's progress from one maintenance to the next.
    static let longestStep = Duration.seconds(3_600)

    let spool: Spool
    let journal: Journal
    let scheduler: any Scheduler
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// When each host was last heard, and who it is.
    let memories: @Sendable () async -> [String: HostMemory]

    /// The same as a former run left it.
    let stored: [String: HostMemory]

    /// Each host's total of what was given up, for whatever reason.
    let drops: @Sendable () async -> [String: Int]
    let ledger: @Sendable () async -> Ledger
    let announce: @Sendable (Drops, Timestamp) -> Void

    /// Has hosts listed anew of which something was dropped, and says which of them have not told it anew.
    let resync: @Sendable ([String: Lost]) async -> Void
    let untold: @Sendable () async -> Set<String>

    /// Returns when the service stops, after a last look.
    func run() async {
        let queue = DispatchQueue(label: "aggregator.upkeep")
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let timer = RepeatingTimer(every: Self.interval, on: queue, scheduler: scheduler) { tick.yield() }
        // A jump of the clock is no reason to forget at once what was yesterday: one that lasts is followed by and by.
        var today = now()
        var watch = DropWatch(at: today)
        var hearing = Hearing(watch: HearingWatch(stored))
        var givenUp = GivenUpWatch()
        var retelling = Retelling()
        var looks = 0
        await withGracefulShutdownHandler {
            for await _ in ticks {
                await beginAnew(&hearing, &retelling, on: queue)
                await makeUp(&givenUp, &retelling, on: queue)
                looks += 1
                let isTime = looks.isMultiple(of: Self.note)
                if isTime, !hearing.watch.isWaiting { await listen(&hearing) }
                await note(&hearing, on: queue)
                guard isTime else { continue }
                await look(&watch)
                guard looks.isMultiple(of: Self.maintenance) else { continue }
                today = min(now(), today + Self.longestStep)
                await withCheckedContinuation { [today] continuation in
                    queue.async {
                        maintain(at: today)
                        continuation.resume()
                    }
                }
            }
        } onGracefulShutdown: {
            tick.finish()
        }
        timer.cancel()
        await listen(&hearing)
        await journal.flush()
        await note(&hearing, on: queue)
        await look(&watch)
    }

    private struct Hearing: Sendable {
        var watch: HearingWatch
        var isFailing = false

        /// See ``Spool/begunAnew``.
        var begunAnew = 0
    }

    private func listen(_ hearing: inout Hearing) async {
        let fleet = await memories()
        hearing.watch.take(fleet, at: journal.mark())
    }

    /// Writes what has become different of the whole fleet's hearing, once the journal is that far.
    private func note(_ hearing: inout Hearing, on queue: DispatchQueue) async {
        guard let due = hearing.watch.due(journal.losses(before:)) else { return }
        let outcome: Result<Bool, SpoolError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result { () throws(SpoolError) in try spool.keep(due.note) }) }
        }
        switch outcome {
        case .success(let isKept):
            if isKept { hearing.watch.wrote(due) }
            hearing.isFailing = false
        case .failure(let error):
            // The next gap then begins earlier than it had to.
            if !hearing.isFailing {
                logger.warning("Cannot note when hosts were last heard", metadata: [LogKeys.error: "\(error)"])
            }
            hearing.isFailing = true
        }
    }

    /// Has everything told anew when the database was begun anew: what waited in it is lost, and perhaps what it knew.
    private func beginAnew(_ hearing: inout Hearing, _ retelling: inout Retelling, on queue: DispatchQueue) async {
        let count = spool.begunAnew
        guard count != hearing.begunAnew else { return }
        let noted = hearing.watch.noted
        let found = await blocking(on: queue) { () throws(SpoolError) in
            try spool.giveUp(noted)
            return try spool.givenUp()
        }
        guard let found else { return }
        hearing.begunAnew = count
        hearing.watch.beginAnew()
        await resync(Dictionary(found.map { ($0.host, Lost($0)) }) { $1 })
        retelling.began(found)
    }

    /// Has told anew what had to go before it was sent, once the bus has caught up.
    private func makeUp(_ watch: inout GivenUpWatch, _ retelling: inout Retelling, on queue: DispatchQueue) async {
        // Before it is looked what is gone: a loss that it counts already would be taken for an earlier one. And after it:
        // a loss that is found may be counted only then.
        let before = await ledger().dropped.room
        guard let found = await blocking(on: queue, { () throws(SpoolError) in try spool.givenUp() }) else { return }
        let new = retelling.new(among: found)
        let after = await ledger()
        var done: [GivenUp] = []
        switch watch.look(isFound: !new.isEmpty, before: before, dropped: after.dropped.room, waiting: after.waiting) {
        case .wait: break
        case .resync:
            await resync(Dictionary(new.map { ($0.host, Lost($0)) }) { $1 })
            retelling.began(new)
        case .nothingLost: done = retelling.lostNothing(new)
        }
        if !retelling.isEmpty {
            let untold = await untold()
            done += retelling.look(untold: untold, mark: journal.mark(), losses: journal.losses(before:))
        }
        guard !done.isEmpty else { return }
        _ = await blocking(on: queue) { [done] () throws(SpoolError) in try spool.settle(done) }
    }

    private func blocking<Value: Sendable>(
        on queue: DispatchQueue,
        _ body: @escaping @Sendable () throws(SpoolError) -> Value
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: try? body()) }
        }
    }

    private func look(_ watch: inout DropWatch) async {
        let moment = now()
        guard let drops = await watch.look(ledger(), hosts: drops(), at: moment) else { return }
        var metadata: Logger.Metadata = ["hosts": "\(drops.hosts.map(\.host).joined(separator: " "))"]
        for reason in drops.counts { metadata[reason.reason] = "\(reason.count)" }
        logger.error("Events given up", metadata: metadata)
        announce(drops, moment)
    }

    private func maintain(at today: Timestamp) {
        do throws(SpoolError) {
            try spool.maintain(now: today.microseconds)
        } catch {
            logger.error("Journal cannot be tidied up", metadata: [LogKeys.error: "\(error)"])
        }
    }
}
