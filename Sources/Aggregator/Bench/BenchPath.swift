internal import Connections
internal import Logging
internal import SaltBus
internal import Spool

/// What every event goes through between a watcher and the bus, put together as the service does it.
struct BenchPath: Sendable {
    let relay: Relay
    let times: BenchTimes
    private let journal: Journal
    private let sink: Sink
    private let bus: WatchedBus

    /// - Parameters:
    ///   - folder: Where the journal is to be.
    ///   - plan: What is to be done.
    ///   - logger: Hears of a bus that is lost.
    ///   - makeBus: Makes the bus from the function it reports to.
    /// - Throws: ``SpoolError`` when the folder cannot be used.
    init(
        folder: BenchFolder,
        plan: BenchPlan,
        logger: Logger,
        makeBus: @escaping @Sendable (_ report: @escaping @Sendable (BusReport) -> Void) -> any EventBus
    ) throws {
        let scheduler = DispatchScheduler()
        let spool = try Spool(folder: folder.path, durability: plan.durability)
        let sink = try Sink(
            spool: spool,
            window: plan.window,
            budget: plan.budget,
            scheduler: scheduler,
            logger: logger
        )
        journal = Journal(
            last: spool.last,
            scheduler: scheduler,
            logger: logger,
            store: JournalStore(spool),
            appended: { sink.take($0) }
        )
        relay = try Relay(instance: plan.instance, tagPrefix: SyntheticFleet.tagPrefix, journal: journal)
        times = BenchTimes(events: plan.events, after: spool.last)
        bus = WatchedBus(make: makeBus, times: times)
        self.sink = sink
    }

    func start() async {
        await sink.start { [bus] report in bus.bus(reportingTo: report) }
    }

    /// Records that the sink knows to be on the bus.
    func relayed() async -> Int { await sink.snapshot().tally.relayed }

    /// Returns once the last acknowledgement is in the journal.
    func finish() async {
        await sink.drain(within: .seconds(5))
    }

    func stop() async {
        await sink.stop()
    }
}
