internal import Connections
internal import Dispatch
internal import Logging
internal import SaltBus
internal import Spool
internal import Synchronization

/// Sends what is in the spool, and says there what has been settled.
///
/// The only place that knows both spool and bus. First occurrences keep their order per host; after a lost session what is
/// unconfirmed goes out again, with equal ids. ``Backlog`` decides what is next, ``SendWindow`` and ``Pacer`` how much of
/// it, ``Settlement`` what is through.
actor Sink {
    /// Records read at a time: what comes on the bus meanwhile waits no longer than for one page.
    static let page = 512

    /// What is settled is told the spool this often: a crash in between repeats it, with equal ids.
    static let tellInterval = Duration.milliseconds(50)

    /// That many settled records are told before the time is up.
    static let tellLimit = 4_096

    /// Records that wait in the inbox; what is appended beyond it is read from the spool.
    static let handOverLimit = 8_192

    /// How many records of one host may be out with a small window; with a larger one an eighth of it.
    static let leastShare = 16

    /// Sessions in a row that end because one event alone does not come back, before it is given up.
    static let patience = 5

    /// The same where nothing else was out: the last ones have a minute each.
    static let patienceAlone = 10

    nonisolated let executor: QueueExecutor

    /// Under load what comes is taken together: whoever asks how things are has to wait for one turn at most.
    nonisolated let inbox: Mailbox<Input>
    nonisolated let handedOver = Atomic(0)
    let spool: Spool
    let scheduler: any Scheduler
    let logger: Logger
    let now: @Sendable () -> Timestamp
    var bus: (any EventBus)?
    var session: Int?
    var backlog: Backlog
    var window: SendWindow
    var pacer: Pacer
    var settlement: Settlement
    var counts: SinkCounts

    /// Whether the spool may have records that are not read.
    var isMore = true

    /// What is planned: there is one of each at a time.
    var plans = Plans()

    /// Not yet in the spool.
    var letters: [DeadLetter] = []

    /// Each host's that are there, replays aside.
    var dead: [String: Int] = [:]

    /// When the spool was told last, and what has been settled since.
    var told: Duration?
    var untold = 0

    /// Whether what drains waits for the next session when one is lost.
    var drainsAcrossLoss = false

    /// The event that was waited for when the last sessions ended; in how many of them later ones had come, in how many it
    /// was alone.
    var suspect: (position: Int64, passed: Int, alone: Int)?

    /// Whether the spool could be told when that was tried last: its failures are said once.
    var isTellable = true

    /// Since when the spool's disk cannot be read.
    var unreadSince: Duration?
    var openSince = OpenSince()

    /// The hosts that are watched.
    var hosts: @Sendable () async -> [String] = { [] }
    private var drained: [CheckedContinuation<Void, Never>] = []

    /// Whether the bus can be sent to, and if not, why.
    var busState: BusState

    /// Who reads the inbox; the inbox is there before the sink is.
    private final class Reader: Sendable {
        private let reference = Mutex(Reference())

        private struct Reference: Sendable {
            weak var sink: Sink?
        }

        var sink: Sink? {
            get { reference.withLock { $0.sink } }
            set { reference.withLock { $0.sink = newValue } }
        }

        /// On the sink's queue.
        func read(_ inputs: [Input]) {
            sink?.assumeIsolated { $0.take(inputs) }
        }
    }

    /// What comes to the sink.
    enum Input: Sendable {
        case appended(Appended)
        case reported(BusReport)
    }

    struct Plans {
        /// To read the next page.
        var isReading = false

        /// To send when there are tokens again.
        var isSending = false

        /// To tell the spool.
        var isTelling = false

        /// To read again, after the spool failed.
        var isReadingAgain = false

        /// To tell the spool again, after it failed.
        var isTellingAgain = false
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - spool: Where records come from.
    ///   - window: How many may be unconfirmed.
    ///   - budget: How many a second may be sent.
    ///   - scheduler: When to send on, to tell the spool, to look again after the disk failed.
    ///   - now: The wall clock, for the state of the bus and dead letters.
    ///   - logger: Hears of the bus, once per change.
    /// - Throws: ``SpoolError`` when the spool cannot be read.
    init(
        spool: Spool,
        window: Int,
        budget: BusBudget = .off,
        scheduler: any Scheduler,
        now: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger
    ) throws(SpoolError) {
        let executor = QueueExecutor(DispatchQueue(label: "aggregator.sink"))
        self.executor = executor
        let reader = Reader()
        inbox = Mailbox(queue: executor.queue) { reader.read($0) }
        self.spool = spool
        self.scheduler = scheduler
        self.now = now
        self.logger = logger
        busState = BusState(phase: .connecting, since: now())
        self.window = SendWindow(limit: window)
        backlog = Backlog(share: max(Self.leastShare, window / 8))
        pacer = Pacer(budget)
        settlement = Settlement(watermark: try spool.watermark(), ahead: try spool.settledAhead())
        counts = SinkCounts(inherited: max(0, try spool.waiting()), through: spool.last)
        reader.sink = self
    }

    /// Connects to a bus and begins to send.
    ///
    /// - Parameters:
    ///   - hosts: All that are watched: anything may be missing of each when the disk cannot be read. The default is none.
    ///   - makeBus: Makes the bus from the function it reports to, which any thread may call.
    func start(
        hosts: @escaping @Sendable () async -> [String] = { [] },
        _ makeBus: @Sendable (_ report: @escaping @Sendable (BusReport) -> Void) -> any EventBus
    ) {
        self.hosts = hosts
        let bus = makeBus { [inbox] report in inbox.post(.reported(report)) }
        self.bus = bus
        bus.start()
        pump()
    }

    /// Records were appended, and others may have had to go for them.
    ///
    /// Any thread; returns at once.
    nonisolated func take(_ appended: Appended) {
        var appended = appended
        let count = appended.events.count
        if handedOver.add(count, ordering: .relaxed).newValue > Self.handOverLimit {
            handedOver.subtract(count, ordering: .relaxed)
            appended.events = []
        }
        inbox.post(.appended(appended))
    }

    /// What became of everything so far.
    func snapshot() -> Snapshot {
        counts.snapshot(
            readThrough: settlement.read,
            waiting: backlog.count + window.count,
            pacing: pacer.snapshot,
            dropped: backlog.dropped,
            dead: dead
        )
    }

    /// Returns when everything in the spool is settled, or when `limit` has passed, or at once when there is no bus to
    /// wait for: what is left is sent by the next run.
    ///
    /// - Parameter outlastsLoss: Whether a bus is waited for all the same, since what is left is in memory and would be gone.
    func drain(within limit: Duration, outlastsLoss: Bool = false) async {
        isMore = true
        pump()
        guard session != nil || outlastsLoss, !isDrained else { return tell() }
        drainsAcrossLoss = outlastsLoss
        let timer = scheduler.schedule(after: limit, on: executor.queue) { self.assumeIsolated { $0.resumeDrained() } }
        await withCheckedContinuation { drained.append($0) }
        timer.cancel()
        tell()
    }

    func stop() {
        bus?.stop()
        bus = nil
        session = nil
        resumeDrained()
        tell()
    }

    /// Whether nothing waits, nothing is out, and there is nothing to read.
    var isDrained: Bool { backlog.isEmpty && window.isEmpty && !isMore }

    func resumeDrained() {
        for continuation in drained { continuation.resume() }
        drained = []
    }

    /// Any thread; what hops from one thread keeps its order.
    nonisolated func hop(_ body: @escaping @Sendable (isolated Sink) -> Void) {
        executor.queue.async { self.assumeIsolated { body($0) } }
    }

    /// Calls back on the queue on which the disk is read, as soon as that is free.
    nonisolated func whenFree(_ done: @escaping @Sendable () -> Void) { executor.queue.async(execute: done) }

    /// Does something later, on the actor.
    func plan(after delay: Duration, _ body: @escaping @Sendable (isolated Sink) -> Void) {
        _ = scheduler.schedule(after: delay, on: executor.queue) { self.assumeIsolated { body($0) } }
    }
}
