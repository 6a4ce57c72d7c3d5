internal import Connections
internal import Dispatch
internal import Logging
internal import SaltBus
internal import Synchronization

/// Reads the inventory again and carries out what is different.
///
/// All or nothing: an inventory with a mistake changes nothing, and every mistake is logged and stands in the status. One
/// reload follows the other, in the order they were asked for. Files are read on plain threads: a file system that hangs
/// holds up neither a watcher nor a task.
actor Reloader {
    /// How often to look for changes; a change counts when two looks agree, so it is read two to four seconds later.
    static let interval = Duration.seconds(2)

    /// How long reading may take.
    static let patience = Duration.seconds(30)

    /// How many diagnostics go to the log; the status has them all.
    static let logLimit = 100

    /// What became of a reload.
    struct Outcome: Sendable {
        let at: Timestamp
        let trigger: ReloadTrigger
        let result: Result<ReloadDifference, ConfigurationErrors>

        /// What is odd about an inventory that was taken over.
        var warnings = DiagnosticReport()

        fileprivate var failure: ConfigurationErrors? {
            if case .failure(let errors) = result { errors } else { nil }
        }
    }

    /// What it does to the service.
    struct Effects: Sendable {
        /// Carries out a plan, for an inventory; nothing has changed when it throws.
        let apply: @Sendable (Reconciliation.Plan, Inventory) async throws(Tag.Malformed) -> Void

        /// Tells the bus of the difference.
        let announce: @Sendable (ReloadDifference, ReloadTrigger) -> Void
    }

    /// The inventory in force.
    private(set) var inventory: Inventory

    /// The last reload, if there was one that changed or refused something.
    private(set) var last: Outcome?

    private let origin: InventoryOrigin?
    private let environment: WatcherEnvironment
    private let effects: Effects

    /// Threads of its own: the watchers' may all hang on hosts that are frozen.
    private let pool: BlockingPool
    private let queue = DispatchQueue(label: "aggregator.reload")
    private var detector: ChangeDetector<FileFingerprint>
    private var tail: Task<Void, Never>?
    private var timer: (any Scheduled)?
    private var isWatching = false
    private var isStopped = false

    /// A read that is past its patience has not returned yet: another one would only hang beside it.
    private let isReading = Atomic<Bool>(false)

    init(inventory: Inventory, origin: InventoryOrigin?, environment: WatcherEnvironment, effects: Effects) {
        self.inventory = inventory
        self.origin = origin
        self.environment = environment
        self.effects = effects
        pool = BlockingPool(caps: [.call: 1], slowCalls: 0, scheduler: environment.scheduler)
        detector = ChangeDetector(settled: origin?.firstLook)
    }

    /// Where the inventory comes from, as an operator knows it.
    nonisolated var sourceName: String? { origin?.name }

    /// Reads the inventory and carries out what is different, after every reload that was asked for before.
    func reload(_ trigger: ReloadTrigger) async -> Outcome {
        await inTurn { await self.perform(trigger) }
    }

    /// One after the other: what reads the disk, and what follows from it.
    private func inTurn<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        let former = tail
        let task = Task {
            await former?.value
            return await body()
        }
        tail = Task { _ = await task.value }
        return await task.value
    }

    // MARK: - Looking for changes

    /// Looks for changes from now on, until ``stopWatching()``.
    func startWatching() {
        guard origin?.look != nil, !isWatching else { return }
        isWatching = true
        scheduleLook()
    }

    func stopWatching() {
        isWatching = false
        timer?.cancel()
    }

    /// Looks for no changes any more, and takes none over: not those of a reload that is under way, either.
    func stop() {
        isStopped = true
        stopWatching()
    }

    private func scheduleLook() {
        guard isWatching else { return }
        timer = environment.scheduler.schedule(after: Self.interval, on: queue) { Task { await self.look() } }
    }

    private func look() async {
        await inTurn { await self.reloadIfChanged() }
        scheduleLook()
    }

    private func reloadIfChanged() async {
        guard let look = origin?.look, let found = await read(look), detector.looked(found) else { return }
        _ = await perform(.file)
    }

    /// Runs something that reads from the disk; `nil` when it takes too long, or a former one still does.
    private func read<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
        guard !isReading.exchange(true, ordering: .acquiring) else { return nil }
        return await pool.run(
            within: Self.patience,
            scheduler: environment.scheduler,
            returned: { self.isReading.store(false, ordering: .releasing) },
            body
        )
    }

    // MARK: - One reload

    private func perform(_ trigger: ReloadTrigger) async -> Outcome {
        let outcome = await outcome(of: trigger)
        switch outcome.result {
        case .success(let difference):
            // An editor that saved the same again is no news.
            if trigger == .file, difference.isEmpty { break }
            last = outcome
            log(difference, trigger: trigger, warnings: outcome.warnings)
        case .failure(let errors):
            // What is tried again by itself is said once.
            let isNews = trigger != .file || last?.failure != errors
            last = outcome
            if isNews { log(errors, trigger: trigger) }
        }
        return outcome
    }

    private func outcome(of trigger: ReloadTrigger) async -> Outcome {
        do throws(ConfigurationErrors) {
            let (wanted, warnings) = try await load()
            let plan = Reconciliation.plan(running: inventory.hosts, wanted: wanted.hosts)
            let difference = ReloadDifference(plan)
            try await take(wanted, plan, difference, trigger)
            return Outcome(at: environment.now(), trigger: trigger, result: .success(difference), warnings: warnings)
        } catch {
            return Outcome(at: environment.now(), trigger: trigger, result: .failure(error))
        }
    }

    private func load() async throws(ConfigurationErrors) -> InventoryOrigin.Loaded {
        guard let origin else {
            throw .because("the inventory of this service is fixed", of: "inventory", hint: "start the service anew")
        }
        let found = await read { () -> (FileFingerprint?, Result<InventoryOrigin.Loaded, ConfigurationErrors>) in
            // Before the file is read, so that what changes meanwhile is seen at the next look.
            let look = origin.look?()
            do throws(ConfigurationErrors) {
                return (look, .success(try origin.load()))
            } catch {
                return (look, .failure(error))
            }
        }
        guard let (look, result) = found else {
            throw .because("reading takes longer than \(Self.patience)", of: origin.name, hint: "check its file system")
        }
        if let look { settle(on: look, after: result) }
        return try result.get()
    }

    /// A file that could not be read may be right as it is: too many were open, or its server was away.
    private func settle(on look: FileFingerprint, after result: Result<InventoryOrigin.Loaded, ConfigurationErrors>) {
        if case .failure(let errors) = result, errors.areOfReading {
            detector.failed(after: look)
        } else {
            detector.read(after: look)
        }
    }

    private func take(
        _ wanted: Inventory,
        _ plan: Reconciliation.Plan,
        _ difference: ReloadDifference,
        _ trigger: ReloadTrigger
    ) async throws(ConfigurationErrors) {
        // What was read before the service began to stop must not start anything after that.
        guard !isStopped else {
            throw .because("the service is stopping", of: sourceName ?? "inventory", hint: "reload once it runs again")
        }
        do throws(Tag.Malformed) {
            try await effects.apply(plan, wanted)
        } catch {
            throw .because("\(error)", of: sourceName ?? "inventory", hint: "check tag_prefix and the hosts' names")
        }
        inventory = wanted
        if !isStopped, trigger != .file || !difference.isEmpty { effects.announce(difference, trigger) }
    }

    private func log(_ difference: ReloadDifference, trigger: ReloadTrigger, warnings: DiagnosticReport) {
        for warning in warnings.diagnostics.prefix(Self.logLimit) {
            environment.logger.warning("Inventory is odd", metadata: ["diagnostic": "\(warning)"])
        }
        let counts = [
            ("added", difference.added.count), ("removed", difference.removed.count),
            ("replaced", difference.replaced.count), ("changed", difference.changed.count),
            ("unchanged", difference.unchanged),
        ]
        var metadata: Logger.Metadata = ["trigger": "\(trigger.rawValue)"]
        for (name, count) in counts { metadata[name] = "\(count)" }
        environment.logger.notice("Reloaded", metadata: metadata)
    }

    private func log(_ errors: ConfigurationErrors, trigger: ReloadTrigger) {
        let diagnostics = errors.report.diagnostics
        let mistakes = diagnostics.filter { $0.severity == .error }
        for warning in diagnostics.filter({ $0.severity == .warning }).prefix(Self.logLimit) {
            environment.logger.warning("Inventory is odd", metadata: ["diagnostic": "\(warning)"])
        }
        for mistake in mistakes.prefix(Self.logLimit) {
            environment.logger.error("Inventory refused", metadata: ["diagnostic": "\(mistake)"])
        }
        environment.logger.error(
            "Nothing reloaded: the inventory has mistakes",
            metadata: ["trigger": "\(trigger.rawValue)", "mistakes": "\(mistakes.count)"]
        )
    }
}

extension ConfigurationErrors {
    /// Whether something could not be read at all.
    fileprivate var areOfReading: Bool {
        report.diagnostics.contains { $0.severity == .error && $0.code == .unreadableFile }
    }

    /// One mistake of a origin as a whole.
    fileprivate static func because(_ message: String, of origin: String, hint: String) -> ConfigurationErrors {
        var report = DiagnosticReport()
        report.error(.unreadableFile, at: Position(file: origin), message, hint: hint)
        return ConfigurationErrors(report: report)
    }
}
