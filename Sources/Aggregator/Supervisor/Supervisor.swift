internal import Connections
internal import SaltBus

/// Runs one watcher per host of the inventory.
///
/// Control comes down as plans; status goes up as snapshots. A host that is down is no failure here: its watcher goes on
/// trying.
actor Supervisor {
    let environment: WatcherEnvironment
    private let relay: Relay
    let store: PauseStore

    /// What is to be watched.
    private(set) var wanted: [String: HostChannel] = [:]

    /// What is.
    private(set) var watches: [String: Watch] = [:]

    /// Hosts whose watcher is letting go of its connection; the next one of the name waits for that.
    private(set) var leaving: [String: Departure] = [:]

    /// Of every host that was ever watched, so that no number comes twice.
    private var sequences: [String: HostSequence] = [:]

    /// What was last known of the objects of hosts that have no watcher just now.
    private var states: [String: HostState]

    /// When hosts that have no watcher just now were last heard.
    private(set) var heard: [String: LastHeard]

    /// Who these were when their objects were last compared.
    private(set) var compared: [String: String]
    var identities: Identities

    /// What was lost of hosts that are getting another watcher just now, and their former one has not told anew.
    var losses: [String: Lost] = [:]

    /// Maintenance, of hosts that are not watched just now among them.
    var book: PauseBook

    /// The last of what is being stored, one after the other.
    var storing: Task<Void, Never>?

    /// What became of the events of watchers that have ended.
    private(set) var formerCounts = CallbackCounts()

    /// How many of them found no place before the journal, of hosts that are wanted.
    private(set) var formerDrops: [String: Int] = [:]
    private var isStopping = false

    /// A watcher that lets go of its connection.
    struct Departure {
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
        compared = memories.compactMapValues(\.uuid)
        identities = Identities(known: compared)
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
            uuid: compared.removeValue(forKey: name),
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
            // Of one that was removed nothing is known any more, also when it is wanted again by now: a first sight.
            let isForgotten = leaving[name]?.isTold == true
            leaving[name] = nil
            states[name] = state
            if !isForgotten {
                heard[name] = watch.watcher.status.heard
                compared[name] = watch.watcher.status.comparedUUID
                if let lost { lose(lost, of: name) }
                if let kept = wanted[name].flatMap(watch.kept) { lose(kept, of: name) }
            }
            book.end(name, pause: watch.watcher.status.pause)
            let counts = watch.watcher.inFlight.counts
            formerCounts = formerCounts + counts
            if counts.dropped > 0 { formerDrops[name, default: 0] += counts.dropped }
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
        compared = compared.filter { wanted[$0.key] != nil }
        losses = losses.filter { wanted[$0.key] != nil }
        formerDrops = formerDrops.filter { wanted[$0.key] != nil }
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
