internal import Connections
internal import Dispatch
internal import SaltBus
internal import Spool

/// Runs one watcher per host of the inventory.
///
/// Control comes down as plans; status goes up as snapshots. A host that is down is no failure here: its watcher goes on
/// trying.
actor Supervisor {
    private let environment: WatcherEnvironment
    private let relay: Relay
    private let store: PauseStore

    /// What is to be watched.
    private var wanted: [String: HostChannel] = [:]

    /// What is.
    private var watches: [String: Watch] = [:]

    /// Hosts whose watcher is letting go of its connection; the next one of the name waits for that.
    private var leaving: [String: Watch] = [:]

    /// Of every host that was ever watched, so that no number comes twice.
    private var sequences: [String: HostSequence] = [:]

    /// Maintenance, of hosts that are not watched just now among them: until the next is stored.
    private var pauses: [String: Pause]

    /// Events dropped before the journal by watchers that have ended.
    private var formerDrops = 0
    private var isStopping = false

    /// - Parameters:
    ///   - environment: What every watcher shares.
    ///   - relay: Where their reports go.
    ///   - store: Where pauses are kept.
    ///   - pauses: Those a former run left.
    init(environment: WatcherEnvironment, relay: Relay, store: PauseStore, pauses: [String: Pause] = [:]) {
        self.environment = environment
        self.relay = relay
        self.store = store
        self.pauses = pauses
    }

    /// Stops, starts and changes what the plan says, and leaves the rest alone.
    ///
    /// Returns when everything is under way: a host that is slow to let go of its connection keeps nobody waiting but its
    /// own successor.
    ///
    /// - Throws: ``Tag/Malformed`` for a prefix that the inventory should not have let through; nothing has changed then.
    func apply(_ plan: Reconciliation.Plan) async throws(Tag.Malformed) {
        var channels: [HostChannel] = []
        for host in plan.update + plan.start + plan.replace {
            channels.append(try HostChannel(host, instance: relay.instance))
        }
        // All of it before anything is waited for: whatever begins meanwhile begins with what is wanted now.
        for name in plan.stop { wanted[name] = nil }
        for channel in channels { wanted[channel.host.host.name] = channel }
        for name in plan.stop {
            dismiss(name, because: EstablishFailure(.inventory, "the host was removed from the inventory"))
        }
        for host in plan.replace { dismiss(host.host.name, because: nil) }
        for host in plan.update {
            guard let watch = watches[host.host.name], let channel = wanted[host.host.name] else { continue }
            await watch.change(to: channel)
        }
        for host in plan.start + plan.update + plan.replace { await begin(host.host.name) }
    }

    /// Watches a host that is wanted, unless its former watcher is still there.
    private func begin(_ name: String) async {
        guard !isStopping, watches[name] == nil, leaving[name] == nil, let channel = wanted[name] else { return }
        let sequence = sequences[name] ?? HostSequence()
        sequences[name] = sequence
        let pause = pauses[name].flatMap { $0.isUnderWay(at: environment.now()) ? $0 : nil }
        let watch = Watch(channel, sequence: sequence, pause: pause, environment: environment, relay: relay)
        watches[name] = watch
        await watch.watcher.start()
    }

    /// Has a host's watcher let go of its connection.
    ///
    /// - Parameter failure: The last word on a host that leaves for good.
    private func dismiss(_ name: String, because failure: EstablishFailure?) {
        guard let watch = watches.removeValue(forKey: name) else {
            // It is leaving for a successor that will not come now.
            if let watch = leaving[name], let failure { Task { await watch.watcher.stop(because: failure) } }
            return
        }
        leaving[name] = watch
        Task {
            await watch.watcher.stop(because: failure)
            leaving[name] = nil
            formerDrops += watch.watcher.inFlight.dropped
            await begin(name)
        }
    }

    /// Stops every watcher at once.
    ///
    /// - Parameter limit: How long to wait for hosts that do not let go of their connection.
    /// - Returns: Whether all of them were done in time.
    func stop(within limit: Duration) async -> Bool {
        isStopping = true
        let watchers = (Array(watches.values) + leaving.values).map(\.watcher)
        let (outcomes, outcome) = AsyncStream.makeStream(of: Bool.self)
        let all = Task {
            await withTaskGroup(of: Void.self) { group in
                for watcher in watchers { group.addTask { await watcher.stop() } }
            }
            outcome.yield(true)
        }
        let timer = environment.scheduler.schedule(after: limit, on: environment.targetQueue) { outcome.yield(false) }
        let isDone = await outcomes.first { _ in true } ?? false
        timer.cancel()
        all.cancel()
        return isDone
    }
}

// MARK: - What is known of the hosts

extension Supervisor {
    /// A host, and what its watcher is doing.
    struct Entry: Sendable {
        let host: InventoryHost
        var status: WatcherStatus
    }

    /// What every watcher is doing, by host.
    func snapshot() -> [String: WatcherStatus] {
        watches.mapValues(\.watcher.status)
    }

    /// Every host that is wanted, in the order of their names.
    func entries() -> [Entry] {
        wanted.keys.sorted().compactMap(entry)
    }

    /// A host that is wanted; `nil` for any other.
    func entry(of name: String) -> Entry? {
        guard let channel = wanted[name] else { return nil }
        // One whose watcher is being replaced is about to be connected to.
        var status = watches[name]?.watcher.status ?? WatcherStatus(phase: .connecting)
        let now = environment.now()
        status.pause = (status.pause ?? pauses[name]).flatMap { $0.isUnderWay(at: now) ? $0 : nil }
        return Entry(host: channel.host, status: status)
    }

    /// Events that found no place between callback and journal.
    func dropped() -> Int {
        (Array(watches.values) + leaving.values).reduce(formerDrops) { $0 + $1.watcher.inFlight.dropped }
    }
}

// MARK: - Maintenance

extension Supervisor {
    /// Holds back what is said of a host's ups and downs, through restarts and reloads.
    ///
    /// - Throws: ``SpoolError`` when that cannot be stored; then nothing is held back.
    /// - Returns: Whether there is such a host.
    func pause(_ name: String, _ pause: Pause) async throws(SpoolError) -> Bool {
        guard wanted[name] != nil else { return false }
        try await store(name, pause)
        await watches[name]?.watcher.pause(pause)
        return true
    }

    /// Ends a host's pause, if there is one.
    ///
    /// - Throws: ``SpoolError`` when that cannot be stored; then the pause goes on.
    /// - Returns: Whether there is such a host.
    func resume(_ name: String, by who: String) async throws(SpoolError) -> Bool {
        guard wanted[name] != nil else { return false }
        try await store(name, nil)
        await watches[name]?.watcher.resume(by: who)
        return true
    }

    /// Stores a host's pause, and forgets those that are over and those of hosts that are gone.
    private func store(_ name: String, _ pause: Pause?) async throws(SpoolError) {
        let former = pauses[name]
        pauses[name] = pause
        let now = environment.now()
        pauses = pauses.filter { wanted[$0.key] != nil && $0.value.isUnderWay(at: now) }
        let outcome = await withCheckedContinuation { continuation in
            store.save(pauses) { continuation.resume(returning: $0) }
        }
        if case .failure = outcome, pauses[name] == pause { pauses[name] = former }
        try outcome.get()
    }
}
