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

    /// - Parameter pause: One that is under way, and has been told of.
    init(
        _ channel: HostChannel,
        sequence: HostSequence,
        pause: Pause?,
        environment: WatcherEnvironment,
        relay: Relay
    ) {
        let slot = ChannelSlot(channel)
        let inFlight = InFlight()
        self.channel = slot
        watcher = Watcher(
            channel.host.host,
            environment: environment,
            inFlight: inFlight,
            sequence: sequence,
            pause: pause
        ) {
            relay.accept($0, through: slot.channel.withLock { $0 }, inFlight: inFlight)
        }
    }

    /// What holds for events from now on.
    func change(to channel: HostChannel) async {
        self.channel.channel.withLock { $0 = channel }
        await watcher.update(channel.host.host)
    }
}
