internal import Connections
internal import Logging
internal import SaltBus
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals

/// The service, put together: spool, sink, relay, supervisor, admin, in the order they start.
///
/// They stop the other way round: the admin socket goes, then the watchers, then the relay says so, then the sink drains,
/// all within a bound.
struct AggregatorService: Sendable {
    /// What the parts need to know beside the hosts.
    struct Options: Sendable {
        var spoolFolder: String
        var durability = Spool.Durability.process
        var limits = SpoolLimits()

        /// A folder that does not outlive the boot; `nil` = there is none.
        var runDir: String?
        var window = 256
        var budget = BusBudget.auto
        var stopTimeout = Duration.seconds(10)

        /// Where the admin socket is; `nil` = there is none.
        var adminSocket: String?

        /// Whether the service is not to run where it cannot have one.
        var needsAdminSocket = false

        /// What counts as an event's being on the bus; the status says it.
        var confirm = Settings.Confirm.echo

        /// What the status is to say for as long as the service runs.
        var warnings: [String] = []
    }

    let options: Options
    let logger: Logger
    let now: @Sendable () -> Timestamp
    let scheduler: any Scheduler
    let spool: Spool
    let journal: Journal
    let disk: DiskWatch
    let relay: Relay
    let sink: Sink
    let supervisor: Supervisor
    let reloader: Reloader
    let replays: ReplayJob
    let adminPlace: AdminSocketPlace?
    let environment: WatcherEnvironment

    /// When a former run last heard each host, and who that was.
    let memories: [String: HostMemory]
    let makeBus: @Sendable (_ report: @escaping @Sendable (BusReport) -> Void) -> any EventBus

    /// - Parameters:
    ///   - inventory: The hosts to watch.
    ///   - origin: Where they come from; the default is `nil`, and then they stay the same.
    ///   - options: What the parts need to know beside them.
    ///   - environment: What every watcher shares.
    ///   - instance: Sixteen random hexadecimal digits.
    ///   - makeBus: Makes the bus from the function it reports to.
    /// - Throws: ``SpoolError`` when the spool is taken or unusable, ``AdminSocketError`` when the admin socket is; nothing
    ///   is started then.
    init(
        inventory: Inventory,
        origin: InventoryOrigin? = nil,
        options: Options,
        environment: WatcherEnvironment,
        instance: String,
        makeBus: @escaping @Sendable (_ report: @escaping @Sendable (BusReport) -> Void) -> any EventBus
    ) throws {
        self.options = options
        self.environment = environment
        self.makeBus = makeBus
        logger = environment.logger
        now = environment.now
        scheduler = environment.scheduler
        let spool = try Spool(
            folder: options.spoolFolder,
            durability: options.durability,
            limits: options.limits,
            runDir: options.runDir
        )
        if let aside = spool.movedAside {
            logger.error(
                "Journal was damaged and is begun anew: what could not be read of it is lost",
                metadata: ["moved_to": "\(aside)"]
            )
            if try spool.hearings().isEmpty {
                logger.error("Nobody knows when hosts were last heard: a gap before this start cannot be told")
            }
        }
        if !spool.isWhole {
            // In memory when the service ended, or not yet written when the machine did.
            logger.warning("Journal may be behind what was sent: what is known of the hosts is told anew")
        }
        let sink = try Sink(
            spool: spool,
            window: options.window,
            budget: options.confirm == .write ? options.budget.withoutEchoes : options.budget,
            scheduler: scheduler,
            now: now,
            logger: logger
        )
        journal = Journal(
            last: spool.last,
            scheduler: scheduler,
            logger: logger,
            store: JournalStore(spool),
            appended: { sink.take($0) }
        )
        disk = DiskWatch([journal.whenFree, sink.whenFree], scheduler: scheduler, logger: logger)
        let relay = try Relay(instance: instance, tagPrefix: inventory.tagPrefix, journal: journal)
        let store = PauseStore(spool)
        let pauses = try store.load()
        let states = try spool.states()
        let hearings = try spool.hearings()
        let started = now()
        memories = HostMemory.byHost(hearings, try spool.identities(), states: states, now: started)
        if let last = hearings.map(\.time).max().map(Timestamp.init(microseconds:)), started < last {
            logger.warning(
                "Clock is behind what was noted: how long the service was away is not known, its gaps are too short",
                metadata: ["noted": "\(last.iso8601)"]
            )
        }
        let supervisor = Supervisor(
            environment: environment,
            relay: relay,
            store: store,
            pauses: pauses,
            states: HostState.byHost(states),
            memories: memories
        )
        // Weakly, for the supervisor has the journal.
        journal.tellLosses { [weak supervisor] losses in Task { await supervisor?.resync(losses) } }
        reloader = Reloader(
            inventory: inventory,
            origin: origin,
            environment: environment,
            effects: Reloader.Effects(
                apply: { plan, inventory throws(Tag.Malformed) in
                    // First whatever can be refused, so that nothing is once something has changed.
                    let tags = try Relay.Tags(prefix: inventory.tagPrefix)
                    try await supervisor.apply(plan)
                    relay.change(tags)
                    if !plan.start.isEmpty {
                        DescriptorLimit.warn(for: inventory.hosts.count, logger: environment.logger)
                    }
                },
                announce: { relay.announceReloaded($0, trigger: $1, at: environment.now()) }
            )
        )
        adminPlace = try Self.adminPlace(options, logger: environment.logger)
        self.spool = spool
        let journal = journal
        replays = Self.replays(of: options.spoolFolder, to: journal, environment) {
            let snapshot = await sink.snapshot()
            return Ledger(callbacks: CallbackCounts(), sink: snapshot, journal: journal.counts).waiting
        }
        self.relay = relay
        self.supervisor = supervisor
        self.sink = sink
    }

    private static func replays(
        of folder: String,
        to journal: Journal,
        _ environment: WatcherEnvironment,
        waiting: @escaping @Sendable () async -> Int
    ) -> ReplayJob {
        ReplayJob(
            ReplayJob.Environment(
                open: { () throws(SpoolError) in try SpoolHistory(folder: folder) },
                take: { records, places in
                    journal.take(records.map { JournalEntry(record: $0, places: 1) }, of: places)
                },
                waiting: waiting,
                scheduler: environment.scheduler,
                now: environment.now,
                logger: environment.logger
            )
        )
    }

    /// Takes the place of the admin socket.
    ///
    /// Who tries the service out as some user need not be able to: only who asked for a place is refused one.
    private static func adminPlace(_ options: Options, logger: Logger) throws -> AdminSocketPlace? {
        guard let path = options.adminSocket else { return nil }
        do throws(AdminSocketError) {
            return try AdminSocketPlace(path: path)
        } catch {
            guard error.code == .unusable, !options.needsAdminSocket else { throw error }
            logger.warning("No admin socket", metadata: [LogKeys.error: "\(error)"])
            return nil
        }
    }

    /// Runs until a signal, or until `end` returns.
    ///
    /// A second signal ends the process at once, with what is unsent left in the spool.
    ///
    /// - Parameters:
    ///   - hangups: Each asks for a reload; those that came before are not lost. The default is none.
    ///   - end: When to end without a signal. The default is never.
    func run(
        reloadingOn hangups: UnixSignalsSequence? = nil,
        until end: @escaping @Sendable () async -> Void = { await Self.forever() }
    ) async throws {
        // First, so that a signal that comes early is not lost.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let hosts = await reloader.inventory.hosts
        logger.notice("Starting", metadata: ["version": "\(Version.current)", "hosts": "\(hosts.count)"])
        relay.announceStarted(hosts: hosts.count, at: now())
        // Before anything can ask for a reload, which goes from here.
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: hosts))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [sinkPart, relayPart, upkeepPart, supervisorPart(hangups), adminPart].map {
                    .init(service: $0)
                },
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        let stopper = Stopper(logger: logger, bound: options.stopTimeout) { await group.triggerGracefulShutdown() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { for await signal in signals { await stopper.stop(because: "\(signal)") } }
            tasks.addTask {
                await end()
                if !Task.isCancelled { await stopper.end() }
            }
            defer { tasks.cancelAll() }
            try await group.run()
        }
        let ledger = await ledger()
        logger.notice("Stopped", metadata: ["waiting": "\(ledger.waiting)"])
        if !ledger.isBalanced { logger.critical("Ledger is not balanced", metadata: ["ledger": "\(ledger)"]) }
    }

    /// What became of everything so far.
    func ledger() async -> Ledger { await losses().ledger }

    /// The same, with each host's part of what was given up, and how many of that are dead: each part of it and its hosts
    /// are of one moment.
    func losses() async -> (ledger: Ledger, hosts: [String: Int], dead: Int) {
        let (callbacks, inFlight) = await supervisor.counts()
        let sink = await sink.snapshot()
        let (counts, dropped) = journal.losses
        let ledger = Ledger(callbacks: callbacks, sink: sink, journal: counts)
        let hosts = [sink.dropped, sink.dead, dropped].reduce(inFlight) { $0.merging($1, uniquingKeysWith: +) }
        return (ledger, hosts, sink.dead.values.reduce(0, +))
    }

    /// What every watcher is doing, by host.
    func snapshot() async -> [String: WatcherStatus] {
        await supervisor.snapshot()
    }

    private static func forever() async {
        let (never, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        continuation.finish()
    }
}
