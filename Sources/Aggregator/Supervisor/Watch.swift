internal import Connections
internal import Synchronization

/// A host that is watched, and what is said about its events, which may change while the connection stays.
final class Watch: Sendable {
    let watcher: Watcher
    private let channel: ChannelSlot

    /// What the watcher's reports go through, whoever holds it: a watcher may outlive its place in the supervisor.
    private final class ChannelSlot: Sendable {
        let channel: Mutex<HostChannel>

        init(_ channel: HostChannel) {
            self.channel = Mutex(channel)
        }
    }

    /// - Parameters:
    ///   - pause: One that has been told of; if it is over by now, its end is said at once.
    ///   - state: What was last known of the host's objects.
    ///   - heard: When the host was last heard, in a former life; `nil` = never.
    ///   - uuid: Who it said it is, then.
    ///   - resumed: Called when the end of a pause has been said; must not block.
    init(
        _ channel: HostChannel,
        sequence: HostSequence,
        pause: Pause?,
        state: HostState,
        heard: LastHeard? = nil,
        uuid: String? = nil,
        environment: WatcherEnvironment,
        relay: Relay,
        resumed: @escaping @Sendable () -> Void = {}
    ) {
        let slot = ChannelSlot(channel)
        let inFlight = InFlight()
        self.channel = slot
        watcher = Watcher(
            channel.host.host,
            environment: environment,
            inFlight: inFlight,
            sequence: sequence,
            pause: pause,
            state: state,
            heard: heard,
            uuid: uuid
        ) { reports in
            relay.accept(reports, through: slot.channel.withLock { $0 }, inFlight: inFlight)
            let isResumed = reports.contains { report in
                if case .resumed = report.body { true } else { false }
            }
            if isResumed { resumed() }
        }
    }

    /// Has the watcher say something of the host's pause, and act on it.
    func tell(_ word: PauseBook.Word) async {
        switch word {
        case .paused(let pause): await watcher.pause(pause)
        case .resumed(let who): await watcher.resume(by: who)
        }
    }

    /// What holds for events from now on; domains whose events were kept back and go out now are told anew.
    func change(to channel: HostChannel) async {
        let former = self.channel.channel.withLock { former in
            defer { former = channel }
            return former
        }
        await watcher.update(channel.host.host)
        // By now nothing is on its way through the former one.
        if let kept = channel.follow(former) { await watcher.resync(keptBack: kept) }
    }

    /// What a watcher that has ended leaves to the next one, whose channel this is.
    func kept(for next: HostChannel) -> Lost? {
        next.follow(channel.channel.withLock { $0 })
    }
}
