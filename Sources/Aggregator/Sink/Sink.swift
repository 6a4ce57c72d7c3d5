internal import Connections
internal import Dispatch
internal import Logging
internal import SaltBus
internal import Spool

/// Sends what is in the spool, and acknowledges what is seen on the bus.
///
/// The only place that knows both. First occurrences keep their order; after a lost session what is unconfirmed goes out
/// again, with equal ids.
actor Sink {
    private nonisolated let executor = QueueExecutor(DispatchQueue(label: "aggregator.sink"))
    private let spool: Spool
    private let scheduler: any Scheduler
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private var bus: (any EventBus)?
    private var window: SendWindow
    private var session: Int?

    /// The bytes of what the window holds; at most a window of them.
    private var held: [Int64: [UInt8]] = [:]
    private var tally = Tally()
    private let inherited: Int
    private var drained: [CheckedContinuation<Void, Never>] = []

    /// Whether the bus can be sent to, and if not, why.
    private(set) var busState: BusState

    /// What became of the records that were sent.
    struct Tally: Hashable, Sendable {
        var relayed = 0

        /// Superseded by later ones before they were sent.
        var coalesced = 0

        /// Gone from the spool before they could be sent, for want of room.
        var dropped = 0

        /// Never to be sent.
        var dead = 0
    }

    /// What the ledger needs to know, at one moment.
    struct Snapshot: Hashable, Sendable {
        /// Records that waited at the start.
        var inherited = 0

        /// The position up to which the spool has been looked at.
        var readThrough: Int64 = 0

        /// Records that were looked at and are not settled.
        var waiting = 0
        var tally = Tally()
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - spool: Where records come from.
    ///   - window: How many may be unconfirmed.
    ///   - scheduler: When to look again after the disk failed.
    ///   - now: The wall clock, for the state of the bus.
    ///   - logger: Hears of the bus, once per change.
    /// - Throws: ``SpoolError`` when the spool cannot be read.
    init(
        spool: Spool,
        window: Int,
        scheduler: any Scheduler,
        now: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger
    ) throws(SpoolError) {
        self.spool = spool
        self.scheduler = scheduler
        self.now = now
        self.logger = logger
        busState = BusState(phase: .connecting, since: now())
        inherited = try spool.waiting()
        self.window = SendWindow(limit: window, watermark: try spool.watermark())
    }

    /// Connects to a bus and begins to send.
    ///
    /// - Parameter makeBus: Makes the bus from the function it reports to, which any thread may call.
    func start(_ makeBus: @Sendable (_ report: @escaping @Sendable (BusReport) -> Void) -> any EventBus) {
        let bus = makeBus { report in self.hop { $0.take(report) } }
        self.bus = bus
        bus.start()
    }

    /// Something was appended to the spool.
    ///
    /// Any thread; returns at once.
    nonisolated func wake() {
        hop { $0.pump() }
    }

    func counts() -> Tally { tally }

    func snapshot() -> Snapshot {
        Snapshot(inherited: inherited, readThrough: window.watermark, waiting: -window.confirmedAhead, tally: tally)
    }

    /// Records were appended, and others may have had to go for them.
    ///
    /// Any thread; returns at once.
    nonisolated func take(_ appended: Appended) {
        wake()
    }

    /// Returns when everything in the spool is confirmed, or when `limit` has passed, or at once when there is no bus to
    /// wait for: what is left is sent by the next run.
    func drain(within limit: Duration) async {
        pump()
        guard session != nil, !isDrained else { return }
        let timer = scheduler.schedule(after: limit, on: executor.queue) { self.assumeIsolated { $0.resumeDrained() } }
        await withCheckedContinuation { drained.append($0) }
        timer.cancel()
    }

    func stop() {
        bus?.stop()
        bus = nil
        session = nil
        resumeDrained()
    }

    private nonisolated func hop(_ body: @escaping @Sendable (isolated Sink) -> Void) {
        executor.queue.async { self.assumeIsolated { body($0) } }
    }
}

extension Sink {
    private func take(_ report: BusReport) {
        busState.take(report, session: session, at: now())
        switch report {
        case .ready(let number, let framing) where bus != nil:
            session = number
            window.isOnePerHost = framing == .bare
            logger.notice("Bus ready", metadata: ["framing": "\(framing)"])
            pump()
        case .confirmed(session, let tickets):
            tally.relayed += settle(tickets)
            pump()
        case .undeliverable(session, let ticket, let why):
            tally.dead += settle([ticket])
            logger.error("Event cannot be sent", metadata: ["position": "\(ticket)", LogKeys.error: "\(why)"])
            pump()
        case .lost(session, let failure):
            session = nil
            window.lose()
            held = [:]
            // There is no bus to wait for any more.
            resumeDrained()
            logger.warning("Bus lost", metadata: [LogKeys.error: "\(failure)"])
        case .unavailable(let failure):
            logger.error("Bus unavailable", metadata: [LogKeys.error: "\(failure)"])
            // It tries again by itself, but not to get a thread: then this is its only chance. Else it does nothing.
            if failure.code == .system {
                _ = scheduler.schedule(after: .seconds(5), on: executor.queue) {
                    self.assumeIsolated { $0.bus?.start() }
                }
            }
        case .confirmed, .undeliverable, .lost, .ready:
            break  // Of a session that is over: its records have been or will be sent again.
        }
    }

    /// - Returns: How many of them were waited for.
    private func settle(_ positions: [Int64]) -> Int {
        let before = window.watermark
        let count = positions.count { window.settle($0) }
        acknowledge(after: before)
        let released = window.takeReleased()
        if let session, let bus, !released.isEmpty {
            let events = released.compactMap { position in
                held.removeValue(forKey: position).map { OutgoingEvent(ticket: position, bytes: $0) }
            }
            bus.send(events, session: session)
        }
        return count
    }

    /// Tells the spool, if the watermark has moved.
    private func acknowledge(after before: Int64) {
        guard window.watermark > before else { return }
        do throws(SpoolError) {
            try spool.acknowledge(through: window.watermark)
        } catch {
            // The next acknowledgement covers this one; a crash before it repeats events, with equal ids.
            logger.error("Journal cannot acknowledge", metadata: [LogKeys.error: "\(error)"])
        }
    }

    /// Sends as much as the window has room for.
    private func pump() {
        guard let session, let bus else { return }
        while window.room > 0 {
            do throws(SpoolError) {
                let events = try spool.next(after: window.sent, limit: window.room)
                guard !events.isEmpty else { break }
                let before = window.watermark
                let (out, later) = window.send(
                    events.lazy.map { .init(position: $0.position, host: $0.host, size: $0.bytes.count) }
                )
                acknowledge(after: before)
                let isOut = Set(out)
                if !later.isEmpty {
                    let isLater = Set(later)
                    for event in events where isLater.contains(event.position) { held[event.position] = event.bytes }
                }
                let outgoing = events.filter { isOut.contains($0.position) }
                guard !outgoing.isEmpty else { continue }
                bus.send(outgoing.map { OutgoingEvent(ticket: $0.position, bytes: $0.bytes) }, session: session)
            } catch {
                logger.error("Journal cannot be read", metadata: [LogKeys.error: "\(error)"])
                _ = scheduler.schedule(after: .seconds(1), on: executor.queue) { self.assumeIsolated { $0.pump() } }
                return
            }
        }
        if !drained.isEmpty, isDrained { resumeDrained() }
    }

    private var isDrained: Bool {
        guard window.isEmpty else { return false }
        return (try? spool.waiting()) == 0
    }

    private func resumeDrained() {
        for continuation in drained { continuation.resume() }
        drained = []
    }
}
