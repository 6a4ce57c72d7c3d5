internal import Connections
internal import Dispatch
internal import Logging
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
    private var leaving: [String: Departure] = [:]

    /// Of every host that was ever watched, so that no number comes twice.
    private var sequences: [String: HostSequence] = [:]

    /// What was last known of the objects of hosts that have no watcher just now.
    private var states: [String: HostState]

    /// When hosts that have no watcher just now were last heard.
    private var heard: [String: LastHeard]
    private var identities: Identities

    /// What was lost of hosts that are getting another watcher just now, and their former one has not told anew.
    private var losses: [String: Lost] = [:]

    /// Maintenance, of hosts that are not watched just now among them.
    private var book: PauseBook

    /// The last of what is being stored, one after the other.
    private var storing: Task<Void, Never>?

    /// What became of the events of watchers that have ended.
    private var formerCounts = CallbackCounts()
    private var isStopping = false

    /// A watcher that lets go of its connection.
    private struct Departure {
        let watch: Watch

        /// Whether the last word on the host has been asked for: one for each watcher, however often the host comes back
        /// and leaves again meanwhile.
        var isTold: Bool
    }

    /// - Parameters:
    ///   - environment: What every watcher shares.
    ///   - relay: Where their reports go.
    ///   - store: Where pauses are kept.
    ///   - pauses: Those a former run left, those that are over among them.
    ///   - states: What a former run knew of each host's objects.
    ///   - memories: When a former run last heard each host, and who that was.
    init(
        environment: WatcherEnvironment,
        relay: Relay,
        store: PauseStore,
        pauses: [String: Pause] = [:],
        states: [String: HostState] = [:],
        memories: [String: HostMemory] = [:]
    ) {
        self.environment = environment
        self.relay = relay
        self.store = store
        book = PauseBook(pauses)
        self.states = states
        heard = memories.mapValues(\.heard)
        identities = Identities(known: memories.compactMapValues(\.uuid))
    }

    /// Stops, starts and changes what the plan says, and leaves the rest alone.
    ///
    /// Returns when everything is under way: a host that is slow to let go of its connection keeps nobody waiting but its
    /// own successor. Does nothing once ``stop(within:)`` has begun.
    ///
    /// - Throws: ``Tag/Malformed`` for a prefix that the inventory should not have let through; nothing has changed then.
    func apply(_ plan: Reconciliation.Plan) async throws(Tag.Malformed) {
        guard !isStopping else { return }
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
        forgetStates()
        if book.stored.contains(where: { wanted[$0.key] == nil && $0.value.until == nil }) {
            // Nobody waits for the disk: what cannot be stored now is stored with the next.
            Task { try? await store { _ in nil } }
        }
    }

    /// Watches a host that is wanted, unless its former watcher is still there.
    private func begin(_ name: String) async {
        guard !isStopping, watches[name] == nil, leaving[name] == nil, let channel = wanted[name] else { return }
        let sequence = sequences[name] ?? HostSequence()
        sequences[name] = sequence
        let (told, word) = book.begin(name)
        let watch = Watch(
            channel,
            sequence: sequence,
            pause: told,
            state: states.removeValue(forKey: name) ?? HostState(),
            heard: heard.removeValue(forKey: name),
            environment: environment,
            relay: relay,
            resumed: { [weak self] in Task { await self?.forgetPause(of: name) } }
        )
        watches[name] = watch
        // Before it says anything else.
        if let word { await watch.tell(word) }
        await watch.watcher.start()
        guard let lost = losses[name] else { return }
        await watch.watcher.resync(lost: lost)
        // There is always somebody who knows it.
        if watches[name] === watch { losses[name] = nil }
    }

    /// Has a host's watcher let go of its connection.
    ///
    /// - Parameter failure: The last word on a host that leaves for good.
    private func dismiss(_ name: String, because failure: EstablishFailure?) {
        guard let watch = watches.removeValue(forKey: name) else {
            // It is leaving for a successor that will not come now.
            guard let failure, let departure = leaving[name], !departure.isTold else { return }
            leaving[name]?.isTold = true
            Task { await departure.watch.watcher.stop(because: failure) }
            return
        }
        leaving[name] = Departure(watch: watch, isTold: failure != nil)
        Task {
            await watch.watcher.stop(because: failure)
            let state = await watch.watcher.state
            let lost = await watch.watcher.lost
            leaving[name] = nil
            states[name] = state
            heard[name] = watch.watcher.status.heard
            if let lost { lose(lost, of: name) }
            book.end(name, pause: watch.watcher.status.pause)
            formerCounts = formerCounts + watch.watcher.inFlight.counts
            await begin(name)
            forgetStates()
        }
    }

    /// Lets go of what is known of hosts that are not wanted, those that left while the service did not run among them:
    /// one that comes back begins with a first sight.
    private func forgetStates() {
        for name in states.keys where wanted[name] == nil {
            guard var state = states.removeValue(forKey: name) else { continue }
            relay.keep(state.forgetEverything(at: environment.now()), of: name)
        }
        heard = heard.filter { wanted[$0.key] != nil }
        losses = losses.filter { wanted[$0.key] != nil }
        for name in identities.known.keys where wanted[name] == nil { identities.forget(name) }
    }

    private var everyWatch: [Watch] { Array(watches.values) + leaving.values.map(\.watch) }

    /// Stops every watcher at once.
    ///
    /// - Parameter limit: How long to wait for hosts that do not let go of their connection.
    /// - Returns: Whether all of them were done in time.
    func stop(within limit: Duration) async -> Bool {
        isStopping = true
        let watchers = everyWatch.map(\.watcher)
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

        /// What should be known of who it is: one sentence each.
        var doubts: [String] = []
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
        // What a watcher says is so, by whichever clock it goes.
        let doubts = identities.warnings(of: name)
        if let watch = watches[name] { return Entry(host: channel.host, status: watch.watcher.status, doubts: doubts) }
        // One whose watcher is being replaced is about to be connected to.
        let now = environment.now()
        let pause = book.stored[name].flatMap { $0.isUnderWay(at: now) ? $0 : nil }
        return Entry(host: channel.host, status: WatcherStatus(phase: .connecting, pause: pause), doubts: doubts)
    }

    /// What became of every event before the journal, and each host's that found no place there, since it is watched.
    func counts() -> (all: CallbackCounts, dropped: [String: Int]) {
        var all = leaving.values.reduce(formerCounts) { $0 + $1.watch.watcher.inFlight.counts }
        let dropped = watches.mapValues { watch in
            let counts = watch.watcher.inFlight.counts
            all = all + counts
            return counts.dropped
        }
        return (all, dropped)
    }
}

// MARK: - What is to be known in the next life

extension Supervisor {
    /// When each host that is wanted was last heard, and who it is.
    func memories() -> [String: HostMemory] {
        var all: [String: HostMemory] = [:]
        for name in wanted.keys {
            let watch = watches[name] ?? leaving[name]?.watch
            let heard = watch?.watcher.status.heard ?? heard[name]
            all[name] = HostMemory(heard: heard ?? LastHeard(), uuid: identities.known[name])
        }
        return all
    }

    /// Looks at who the hosts say they are, and logs what is odd: what is one with another, and what is another than before.
    ///
    /// - Returns: The hypervisors with several names, and the hosts that changed.
    @discardableResult
    func lookAtIdentities() -> (shared: [Identities.Shared], changes: [Identities.Change]) {
        let sightings = watches.compactMap { name, watch in
            wanted[name].flatMap { Identities.Sighting($0.host, watch.watcher.status) }
        }
        for finding in identities.look(at: sightings, now: environment.now()) {
            environment.logger.warning(finding.message, metadata: finding.metadata)
        }
        return (identities.shared, identities.changes.values.sorted { $0.host < $1.host })
    }

    /// The hosts of which something was lost that has not been told anew.
    func untold() -> Set<String> {
        let watched = [watches, leaving.mapValues(\.watch)].flatMap { $0.filter(\.value.watcher.status.isUntold).keys }
        return Set(losses.keys).union(watched)
    }

    /// Something of these hosts was dropped: they are listed anew.
    func resync(_ lost: [String: Lost]) async {
        for (name, lost) in lost where wanted[name] != nil {
            if let watch = watches[name] {
                await watch.watcher.resync(lost: lost)
            } else {
                lose(lost, of: name)
            }
        }
    }

    /// The host's next watcher is to make up for it.
    private func lose(_ lost: Lost, of name: String) {
        losses[name] = losses[name].map { $0.and(lost) } ?? lost
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
        let watch = try await store { pauses in
            pauses[name] = pause
            return name
        }
        await watch?.tell(.paused(pause))
        return true
    }

    /// Ends a host's pause, if there is one.
    ///
    /// - Throws: ``SpoolError`` when that cannot be stored; then the pause goes on.
    /// - Returns: Whether there is such a host.
    func resume(_ name: String, by who: String) async throws(SpoolError) -> Bool {
        guard wanted[name] != nil else { return false }
        let watch = try await store(resumedBy: who) { pauses in
            pauses[name] = nil
            return name
        }
        await watch?.tell(.resumed(by: who))
        return true
    }

    /// A watcher has said that a pause is over.
    private func forgetPause(of name: String) async {
        let now = environment.now
        // What cannot be removed now is removed with the next that is stored.
        _ = try? await store { pauses in
            if pauses[name]?.isUnderWay(at: now()) == false { pauses[name] = nil }
            return nil
        }
    }

    /// Stores what `change` makes of the pauses, after everything that was to be stored before.
    ///
    /// - Parameters:
    ///   - who: Ends the pause of the host.
    ///   - change: Returns the host it is about.
    /// - Returns: The host's watcher, which is to be told; `nil` = the next one will be.
    @discardableResult
    private func store(
        resumedBy who: String? = nil,
        _ change: @escaping @Sendable (inout [String: Pause]) -> String?
    ) async throws(SpoolError) -> Watch? {
        let former = storing
        let task = Task {
            await former?.value
            return await write(resumedBy: who, change)
        }
        storing = Task { _ = await task.value }
        return try await task.value.get()
    }

    /// One at a time, so that what could not be stored leaves what is.
    private func write(
        resumedBy who: String?,
        _ change: (inout [String: Pause]) -> String?
    ) async -> Result<Watch?, SpoolError> {
        let now = environment.now()
        var pauses = book.stored
        let name = change(&pauses)
        for (other, pause) in pauses {
            let isShown = watches[other].map { $0.watcher.status.pause != nil }
            pauses[other] = PauseBook.kept(pause, isWanted: wanted[other] != nil, isShown: isShown, at: now)
        }
        if pauses != book.stored {
            let outcome = await withCheckedContinuation { continuation in
                store.save(pauses) { continuation.resume(returning: $0) }
            }
            if case .failure(let error) = outcome { return .failure(error) }
            for gone in book.stored.keys where pauses[gone] == nil && wanted[gone] == nil { book.forget(gone) }
            book.store(pauses)
        }
        guard let name else { return .success(nil) }
        if let watch = watches[name] { return .success(watch) }
        if let who { book.resume(name, by: who) }
        return .success(nil)
    }
}
