internal import Dispatch

/// Keeps one host connected and turns its libvirt events into reports, in order.
///
/// Call from any thread; all work happens on a serial queue named after the host. Never throws: a failure becomes a
/// state visible in ``status``, a report, and another attempt after a ``Backoff``, for ever.
package actor Watcher {
    package internal(set) var host: Host

    /// The host's name, which never changes.
    package nonisolated let name: String

    /// Everything this host has on the way to the journal; whoever commits a report's event gives its place back here.
    package nonisolated let inFlight: InFlight

    nonisolated let executor: QueueExecutor
    nonisolated let published: PosixLock<WatcherStatus>
    let environment: WatcherEnvironment
    let receive: @Sendable ([HostReport]) -> Void
    var random: any RandomNumberGenerator & Sendable
    var machine: WatcherStateMachine
    var mailbox: Mailbox<ConnectionInlet.Delivery>?

    /// A try is under way, or waits for its turn.
    var isTrying = false

    /// The try under way.
    var ticket: BlockingTicket?
    var attemptBegan: Duration = .zero
    var connection: (any HypervisorConnection)?
    var upSince: Duration = .zero
    var downSince: Timestamp?

    /// The same by a clock that nobody sets.
    var downBegan: Duration = .zero

    /// How long there had been no proof of hearing by then.
    var noticedAfter: Duration = .zero
    var retry: (any Scheduled)?
    var announcer: Announcer
    var graceEnd: (any Scheduled)?
    var pauseEnd: (any Scheduled)?
    var certificateLook: (any Scheduled)?
    var certificateWatch = CertificateWatch()

    /// Calls on the connection that wait for the one under way, a handful at most.
    var waitingCalls: [@Sendable (isolated Watcher) -> Void] = []
    var isCalling = false

    /// Since when the call whose turn it is waits for a thread; `nil` = it has one.
    var waitsSince: Duration?

    /// Calls made so far: tells one from the next.
    var calls = 0
    var probing: ProbePlan

    /// Until when the host is not asked what it did not answer.
    var rests: [HostCall: Duration] = [:]
    var nextProbe: (any Scheduled)?

    /// When a connection that a call found to be closed counts as lost by that alone.
    var lossLook: (any Scheduled)?
    var patienceEnd: (any Scheduled)?

    /// What is in doubt, and since when; it outlives the connection.
    var doubts: [HostDegradation.Doubt: Duration] = [:]
    var damper: FlapDamper
    var calm: (any Scheduled)?
    var auditing = AuditPlan()

    /// When the listing that an audit compares was begun.
    var auditBegan: Timestamp?

    /// Whether any class was compared in the round under way.
    var hasCompared = false

    /// Classes that cannot be listed on one connection after the other.
    var refusals = ListingRefusals()

    /// The connection is being replaced by another, because it is deaf to a class.
    var isReplacing = false
    var nextAudit: (any Scheduled)?

    /// How the host's objects are, as far as is known; it outlives connections.
    package internal(set) var state: HostState

    /// The listings of this connection, by class.
    var plans: [EventKind.Object: ListingPlan] = [:]
    var nextListings: [EventKind.Object: any Scheduled] = [:]

    /// Classes whose listing waits for the call under way; it serves whatever was asked for meanwhile.
    var queuedListings: Set<EventKind.Object> = []

    /// When it was last proven that the host is heard.
    var proofs: LastHeard

    /// When it was last asked what it has answered, and how long that took.
    var answered: Timestamp?
    var answerTook: Duration = .zero

    /// What could have been missed and has not been told yet, with what tells why.
    var gaps = GapBook()
    var evidence = GapEvidence()
    var uptime: HostUptime?
    var gapLook: (any Scheduled)?

    /// The last gaps that were told: the journal may have lost them.
    var toldGaps: [(gap: HostGap, at: Timestamp)] = []

    /// What was said of the host itself, the last of each topic: the same holds for it.
    var toldWords: [Topic: (body: HostReport.Body, at: Timestamp)] = [:]

    /// What was made up a moment ago.
    var foretold = Foretold()

    /// What the journal has lost, and since when.
    var untold = Untold()
    var lostSince: Timestamp?

    /// When to list anew, because events were dropped or lost.
    var nextResync: (any Scheduled)?
    var drops = (count: 0, since: Duration.zero)

    /// The connection is being given other kinds.
    var isChangingKinds = false
    var nextAsking: (any Scheduled)?

    /// How often this connection has been asked again for what it refused for the moment.
    var askings = 0
    var stopped: [CheckedContinuation<Void, Never>] = []

    /// What is to be said when everything else has been.
    var farewell: EstablishFailure?
    var hasSaidGoodbye = false

    let sequence: HostSequence
    var uri: String
    var hostUUID: String?

    /// Who the host last said it is; it outlives connections.
    var knownUUID: String?
    var stranger = Stranger()

    /// Events that came between registration and `host/up`; they are reported after it.
    var early: [HostEvent] = []
    var current: WatcherStatus

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - host: The host to watch.
    ///   - environment: What all watchers share.
    ///   - inFlight: The bound of what is on its way to the journal.
    ///   - sequence: Where the numbers of the reports go on.
    ///   - pause: One announced in a former life, and not over yet.
    ///   - state: What a former life knew of the host's objects. The default is nothing.
    ///   - heard: When a former life last had proof of hearing. The default is `nil`, at first sight.
    ///   - uuid: Who the host was when `state` was compared with it. The default is `nil`, nobody.
    ///   - receive: Takes the reports, one or more at a time, on the watcher's queue; must not block.
    package init(
        _ host: Host,
        environment: WatcherEnvironment,
        inFlight: InFlight = InFlight(),
        sequence: HostSequence = HostSequence(),
        pause: Pause? = nil,
        state: HostState = HostState(),
        heard: LastHeard? = nil,
        uuid: String? = nil,
        receive: @escaping @Sendable ([HostReport]) -> Void
    ) {
        self.host = host
        name = host.name
        self.environment = environment
        self.inFlight = inFlight
        self.sequence = sequence
        self.receive = receive
        let queue = DispatchQueue(label: "aggregator.watcher.\(host.name)", target: environment.targetQueue)
        executor = QueueExecutor(queue)
        announcer = Announcer(isPaused: pause != nil)
        self.state = state
        knownUUID = uuid
        var status = WatcherStatus(phase: .connecting, pause: pause)
        for object in EventKind.Object.allCases {
            status.classes[object] = state.count(of: object).map { ClassStatus(objects: $0) }
        }
        proofs = heard ?? LastHeard()
        answered = proofs.connection
        status.heard = proofs
        status.comparedUUID = uuid
        current = status
        published = PosixLock(status)
        random = environment.random
        machine = WatcherStateMachine(backoff: environment.backoff)
        probing = ProbePlan(deadline: environment.probeDeadline, patience: host.keepalive.patience)
        damper = FlapDamper(environment.flapLimit)
        uri = host.uri.redacted
    }

    /// What the watcher is doing.
    ///
    /// Any thread, at once.
    package nonisolated var status: WatcherStatus {
        var status = published.withLock { $0 }
        status.dropped = inFlight.counts.dropped
        return status
    }

    /// Begins, unless it has begun or been told to stop already.
    package func start() {
        guard machine.state == .idle else { return }
        outageBegan()
        current.since = downSince
        // A former life may have ended without a word; what it last heard was the end of it.
        tell(state.hear(false, at: current.heard.connection ?? environment.now()))
        schedulePauseEnd()
        scheduleFirstLook()
        beginWithGap()
        perform(machine.started())
    }

    /// Closes the connection and returns when everything is let go of, which a frozen host can delay by the deadline of
    /// a close.
    ///
    /// - Parameter failure: Said as a last `host/down`, when the host is not merely to get another watcher, and is not
    ///   paused.
    package func stop(because failure: EstablishFailure? = nil) async {
        if let failure { farewell = failure }
        await withCheckedContinuation { continuation in
            stopped.append(continuation)
            if machine.state == .stopped {
                finish()
            } else {
                perform(machine.stopRequested())
            }
        }
    }

    /// Carries out what the state machine decided.
    func perform(_ actions: [WatcherStateMachine.Action]) {
        for action in actions {
            switch action {
            case .open(let number, let speed): open(number, speed)
            case .abortOpen: abortOpen()
            case .announceUp(let attempt): announceUp(attempt: attempt)
            case .goDown(let failure, let delay, let isNews): goDown(failure, retryAfter: delay, isNews: isNews)
            case .close: closeConnection()
            case .scheduleRetry(let delay): scheduleRetry(after: delay)
            case .cancelRetry: retry?.cancel()
            case .finish: finish()
            }
        }
        publish()
    }

    private func finish() {
        current.phase = .stopped
        if let farewell, !announcer.isPaused, !hasSaidGoodbye {
            hasSaidGoodbye = true
            sayGoodbye(farewell)
        }
        if farewell == nil { endDoubts() }
        let now = environment.now()
        tell(farewell == nil ? state.hear(false, at: now) : state.forgetEverything(at: now))
        for timer in [graceEnd, pauseEnd, certificateLook, nextAsking, calm, gapLook, nextResync] { timer?.cancel() }
        for continuation in stopped { continuation.resume() }
        stopped = []
    }

    func publish() {
        noteCompared()
        var status = current
        status.isTrying = isTrying
        status.beyondLimit = state.beyondLimit
        status.heard = heard
        status.isUntold = lost != nil
        published.withLock { $0 = status }
    }

    /// Runs on the watcher's queue, in the order of the calls.
    nonisolated func hop(_ body: @escaping @Sendable (isolated Watcher) -> Void) {
        executor.queue.async { self.assumeIsolated { body($0) } }
    }
}
