internal import ArgumentParser
internal import Logging
internal import SaltBus
internal import Spool
internal import UnixSignals

/// `bench`: how much a master's bus takes, and what that costs here.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how many events a master's bus takes, and what each costs here.",
        discussion: """
            Sends synthetic events (domain/lifecycle of hosts that are not there) the way of every event: relay, journal, \
            sink, bus and back. Their tags begin with \(SyntheticFleet.tagPrefix), outside every prefix that reactors watch. \
            The journal is a folder of its own, removed at the end.

            It loads the master as much as the master bears, and every subscriber of its bus gets every event: meant for a \
            test master, or for a quiet hour. Begin with few events.

              virt-aggregator bench --bus null                      what is ours alone
              virt-aggregator bench --bus master --events 5000      how many a second this master takes
              virt-aggregator bench --bus master --rate 200         how long an event takes at that rate
              virt-aggregator bench --bus master --idle             how long it takes when there is no other

            Prints one line of JSON: rate (from the first event to the last one's echo), cpu_us_per_event (journal, sending \
            and echoes, all threads of this process), mapping_us_per_event (making up an event and mapping it, which is no \
            part of that), delay_ms (from taking an event to its echo), disk_bytes_per_event (the closed journal's size), \
            peak_rss_bytes, most_waiting (for their echoes at once, at most \(BenchPlan.waitingLimit)), lost.

            Ends with 0 when every event came back, with 1 when not, with 69 when there is no bus to send to, with 78 when \
            the master's configuration or the journal's folder cannot be used.
            """
    )

    enum Target: String, ExpressibleByArgument, CaseIterable {
        case master, null
    }

    @Option(help: "Where to send: master, or null, which confirms at once.")
    var bus: Target

    @Option(help: "How many events, at most \(BenchPlan.eventLimit). (default: 20000, with --idle 300)")
    var events: Int?

    @Option(help: "How many hosts they are of, at most \(Inventory.hostLimit).")
    var hosts = 200

    @Option(help: "Events a second. (default: as many as the journal and the bus take)")
    var rate: Int?

    @Flag(help: "One event every 10 ms, so that each finds everything at rest.")
    var idle = false

    @Option(help: "The folder in which the journal gets a folder of its own. (default: the system's temporary one)")
    var folder: String?

    @OptionGroup(title: "As in run")
    var flags: BenchFlags

    func validate() throws {
        try Self.check(events, "--events", 1...BenchPlan.eventLimit)
        try Self.check(hosts, "--hosts", 1...Inventory.hostLimit)
        try Self.check(rate, "--rate", 1...1_000_000)
        if idle, rate != nil { throw ValidationError("--idle has a rate of its own; leave --rate out") }
    }

    private static func check(_ value: Int?, _ name: String, _ range: ClosedRange<Int>) throws {
        guard let value, !range.contains(value) else { return }
        throw ValidationError("\(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
    }

    func run() async throws {
        SpareMemory.keep()
        let settings = try flags.settings()
        let plan = plan(settings)
        let makeBus = try makeBus(settings, instance: plan.instance)
        let logger = ServiceLog.start(Settings.Log(format: .auto, level: .error))
        // Before there is anything that a signal would leave behind.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        do {
            let folder = try BenchFolder(in: self.folder)
            defer { folder.remove() }
            let result = try await Self.unlessInterrupted(by: signals) {
                // In a scope of its own: the journal is closed when nobody holds it any more.
                let path = try BenchPath(folder: folder, plan: plan, logger: logger, makeBus: makeBus)
                let run = try BenchRun(plan: plan, path: path)
                let result: Result<BenchResult, any Error>
                do { result = .success(try await run.run()) } catch { result = .failure(error) }
                await path.stop()
                return try result.get()
            }
            try StandardOutput.print(result.json(disk: await folder.sizeOnceClosed()))
            if result.lost > 0 { throw CommandExit.failed.exitCode }
        } catch let error as BenchFailure {
            throw error.told()
        } catch let error as SpoolError {
            throw BenchFailure(message: "\(error)", exit: .configuration).told()
        }
    }

    private func plan(_ settings: Settings) -> BenchPlan {
        BenchPlan(
            events: events ?? (idle ? 300 : 20_000),
            hosts: hosts,
            pace: idle ? .idle : rate.map { .rate($0) } ?? .flood,
            instance: RunCommand.randomInstance(),
            window: settings.bus.window,
            budget: settings.bus.budget,
            durability: settings.spool.durability == .power ? .power : .process,
            patience: .seconds(30)
        )
    }

    private func makeBus(
        _ settings: Settings,
        instance: String
    ) throws -> @Sendable (@escaping @Sendable (BusReport) -> Void) -> any EventBus {
        guard bus == .master else { return { NullBus(report: $0) } }
        do {
            let master = try MasterConfiguration.load(settings.bus, files: .disk)
            return try RunCommand.bus(settings, master: master, instance: instance)
        } catch let error as ConfigurationErrors {
            StandardError.write(error.report.text(colored: StandardError.isTerminal))
            throw CommandExit.configuration.exitCode
        }
    }

    /// Runs `body`; a signal ends it, so that what it has made is removed.
    private static func unlessInterrupted<Value: Sendable>(
        by signals: UnixSignalsSequence,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask { try await body() }
            tasks.addTask {
                for await _ in signals { return nil }
                return nil
            }
            defer { tasks.cancelAll() }
            guard let value = try await tasks.next() ?? nil else {
                throw BenchFailure(message: "interrupted", exit: .failed)
            }
            return value
        }
    }
}
