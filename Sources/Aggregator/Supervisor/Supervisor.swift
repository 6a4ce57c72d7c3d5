internal import Connections
internal import Dispatch
internal import SaltBus
internal import Synchronization

/// Runs one watcher per host of the inventory.
///
/// Control comes down as plans; status goes up as snapshots. A host that is down is no failure here: its watcher goes on
/// trying.
actor Supervisor {
    /// A host that is watched, and what is said about its events, which may change while the connection stays.
    private final class Watch: Sendable {
        let watcher: Watcher
        let channel: ChannelSlot

        init(watcher: Watcher, channel: ChannelSlot) {
            self.watcher = watcher
            self.channel = channel
        }
    }

    private final class ChannelSlot: Sendable {
        let channel: Mutex<HostChannel>

        init(_ channel: HostChannel) {
            self.channel = Mutex(channel)
        }
    }

    private let environment: WatcherEnvironment
    private let relay: Relay
    private var watches: [String: Watch] = [:]

    /// Of every host that was ever watched, so that no number comes twice.
    private var sequences: [String: HostSequence] = [:]

    /// Events dropped before the journal by hosts that are no longer watched.
    private var formerDrops = 0

    init(environment: WatcherEnvironment, relay: Relay) {
        self.environment = environment
        self.relay = relay
    }

    /// Stops, starts and changes what the plan says, and leaves the rest alone.
    ///
    /// - Throws: ``Tag/Malformed`` for a prefix that the inventory should not have let through; nothing has changed then.
    func apply(_ plan: Reconciliation.Plan) async throws(Tag.Malformed) {
        var channels: [HostChannel] = []
        for host in plan.start + plan.replace + plan.update {
            channels.append(try HostChannel(host, instance: relay.instance))
        }
        let leaving = plan.stop + plan.replace.map(\.host.name)
        let stopping = leaving.compactMap { watches.removeValue(forKey: $0) }
        formerDrops += stopping.reduce(0) { $0 + $1.watcher.inFlight.dropped }
        await withTaskGroup(of: Void.self) { group in
            for watch in stopping { group.addTask { await watch.watcher.stop() } }
        }
        for channel in channels {
            if let watch = watches[channel.host.host.name] {
                watch.channel.channel.withLock { $0 = channel }
            } else {
                await start(channel)
            }
        }
    }

    private func start(_ channel: HostChannel) async {
        let slot = ChannelSlot(channel)
        let inFlight = InFlight()
        let name = channel.host.host.name
        let sequence = sequences[name] ?? HostSequence()
        sequences[name] = sequence
        let watcher = Watcher(
            channel.host.host,
            environment: environment,
            inFlight: inFlight,
            sequence: sequence
        ) { [relay] reports in
            relay.accept(reports, through: slot.channel.withLock { $0 }, inFlight: inFlight)
        }
        watches[name] = Watch(watcher: watcher, channel: slot)
        await watcher.start()
    }

    /// What every watcher is doing, by host.
    func snapshot() -> [String: WatcherStatus] {
        watches.mapValues(\.watcher.status)
    }

    /// Events that found no place between callback and journal.
    func dropped() -> Int {
        watches.values.reduce(formerDrops) { $0 + $1.watcher.inFlight.dropped }
    }

    /// Stops every watcher at once.
    ///
    /// - Parameter limit: How long to wait for hosts that do not let go of their connection.
    /// - Returns: Whether all of them were done in time.
    func stop(within limit: Duration) async -> Bool {
        let watchers = watches.values.map(\.watcher)
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
