internal import Connections
internal import Dispatch
internal import Logging
internal import SaltBus
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals

/// The service, put together: spool, sink, relay, supervisor, in the order they start.
///
/// They stop the other way round: watchers first, then the relay says so, then the sink drains, all within a bound.
struct AggregatorService: Sendable {
    /// What the parts need to know beside the hosts.
    struct Options: Sendable {
        var spoolFolder: String
        var durability = Spool.Durability.process
        var window = 256
        var stopTimeout = Duration.seconds(10)
    }

    private let inventory: Inventory
    private let options: Options
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let scheduler: any Scheduler
    private let journal: Journal
    private let relay: Relay
    private let sink: Sink
    private let supervisor: Supervisor
    private let makeBus: @Sendable (_ report: @escaping @Sendable (BusReport) -> Void) -> any EventBus

    /// Records of a former run that were waiting at the start.
    private let inherited: Int

    /// - Parameters:
    ///   - inventory: The hosts to watch.
    ///   - options: What the parts need to know beside them.
    ///   - environment: What every watcher shares.
    ///   - instance: Sixteen random hexadecimal digits.
    ///   - makeBus: Makes the bus from the function it reports to.
    /// - Throws: ``SpoolError`` when the spool is taken or unusable; nothing is started then.
    init(
        inventory: Inventory,
        options: Options,
        environment: WatcherEnvironment,
        instance: String,
        makeBus: @escaping @Sendable (_ report: @escaping @Sendable (BusReport) -> Void) -> any EventBus
    ) throws {
        self.inventory = inventory
        self.options = options
        self.makeBus = makeBus
        logger = environment.logger
        now = environment.now
        scheduler = environment.scheduler
        let spool = try Spool(folder: options.spoolFolder, durability: options.durability)
        inherited = try spool.waiting()
        let sink = try Sink(spool: spool, window: options.window, scheduler: scheduler, logger: logger)
        journal = Journal(
            scheduler: scheduler,
            logger: logger,
            append: { records throws(SpoolError) in try spool.append(records) },
            appended: { sink.wake() }
        )
        relay = try Relay(instance: instance, tagPrefix: inventory.tagPrefix, journal: journal)
        supervisor = Supervisor(environment: environment, relay: relay)
        self.sink = sink
    }

    /// Runs until a signal, or until `end` returns.
    ///
    /// A second signal ends the process at once, with what is unsent left in the spool.
    func run(until end: @escaping @Sendable () async -> Void = { await Self.forever() }) async throws {
        // First, so that a signal that comes early is not lost.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        logger.notice("Starting", metadata: ["version": "\(Version.current)", "hosts": "\(inventory.hosts.count)"])
        relay.announceStarted(hosts: inventory.hosts.count, at: now())
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: sinkPart), .init(service: relayPart), .init(service: supervisorPart)],
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
        let waiting = await ledger().waiting
        logger.notice("Stopped", metadata: ["waiting": "\(waiting)"])
    }

    /// What became of everything so far.
    func ledger() async -> Ledger {
        let tally = await sink.counts()
        return Ledger(
            accepted: inherited + journal.committed,
            relayed: tally.relayed,
            undeliverable: tally.undeliverable,
            dropped: await supervisor.dropped() + journal.dropped
        )
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

// MARK: - The parts' lives

extension AggregatorService {
    /// A part of the service as the lifecycle sees it.
    private struct Part: ServiceLifecycle.Service {
        let life: @Sendable () async throws -> Void

        func run() async throws { try await life() }
    }

    private var sinkPart: Part {
        Part {
            await sink.start(makeBus)
            try? await gracefulShutdown()
            await sink.drain(within: options.stopTimeout / 2)
            await sink.stop()
        }
    }

    private var relayPart: Part {
        Part {
            try? await gracefulShutdown()
            relay.announceStopped(hosts: inventory.hosts.count, ledger: await ledger(), at: now())
            await journal.flush()
        }
    }

    private var supervisorPart: Part {
        Part {
            try await supervisor.apply(Reconciliation.plan(running: [], wanted: inventory.hosts))
            try? await gracefulShutdown()
            if await !supervisor.stop(within: options.stopTimeout * 0.4) {
                logger.warning("Some connections did not close in time")
            }
        }
    }
}
