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

    let ledger: @Sendable () async -> Ledger

    /// The same with each host's total of what was given up, for whatever reason, as it was at that moment; and how many of
    /// those can never be sent.
    let losses: @Sendable () async -> (ledger: Ledger, hosts: [String: Int], dead: Int)

    /// How many records of each host can never be sent.
    let dead: @Sendable () async -> [String: Int]
    let announce: @Sendable (Drops, Timestamp) -> Void

    /// Has hosts listed anew of which something was dropped, and says which of them have not told it anew.
    let resync: @Sendable ([String: Lost]) async -> Void
    let untold: @Sendable () async -> Set<String>

    /// Returns when the service stops, after a last look.
    func run() async {
        let queue = DispatchQueue(label: "aggregator.upkeep")
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let timer = RepeatingTimer(every: Self.interval, on: queue, scheduler: scheduler) { tick.yield() }
        // A jump of the clock, since the former run or in this one, is no reason to forget at once what was yesterday: one
        // that lasts is followed by and by.
        var latest = await lastHeard(on: queue) ?? now()
        var watch = DropWatch(at: now())
        var hearing = Hearing(watch: HearingWatch(stored))
        var making = MakingUp()
        var looks = 0
        var isLogHeld = false
        await withGracefulShutdownHandler {
            for await _ in ticks {
                journal.leaveDamage()
                await beginAnew(&hearing, &making, on: queue)
                await makeUp(&making, on: queue)
                looks += 1
                let isTime = looks.isMultiple(of: Self.note)
                if isTime, !hearing.watch.isWaiting { await listen(&hearing) }
                await note(&hearing, on: queue)
                guard isTime else { continue }
                await look(&watch)
                guard looks.isMultiple(of: Self.maintenance) else { continue }
                let moment = now()
                latest = max(latest, min(moment, latest + Self.longestStep))
                await withCheckedContinuation { [today = min(moment, latest)] continuation in
                    queue.async {
                        maintain(at: today)
                        continuation.resume()
                    }
                }
                if spool.lastSize.isLogHeld, !isLogHeld {
                    logger.error("Journal's log grows without bound: somebody reads the database without end")
                }
                isLogHeld = spool.lastSize.isLogHeld
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

    /// When any host was last heard, by the clock of the former run.
    private func lastHeard(on queue: DispatchQueue) async -> Timestamp? {
        await withCheckedContinuation { continuation in
            queue.async {
                let times = try? spool.hearings().map(\.time)
                continuation.resume(returning: times?.max().map { Timestamp(microseconds: $0) })
            }
        }
    }

    private func look(_ watch: inout DropWatch) async {
        let moment = now()
        let losses = await losses()
        guard let drops = watch.look(losses.ledger, hosts: losses.hosts, dead: losses.dead, at: moment) else { return }
        var metadata: Logger.Metadata = [:]
        if !drops.hosts.isEmpty { metadata["hosts"] = "\(drops.hosts.map(\.host).joined(separator: " "))" }
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
