/// Where one connection's callbacks leave what they have to say.
///
/// Called on the loop thread, or on whichever thread libvirt noticed a loss; returns at once.
package final class ConnectionInlet: Sendable {
    /// What a watcher takes in, in the order it came.
    package enum Delivery: Sendable {
        case event(generation: Int, HostEvent)
        case closed(generation: Int, DownReason)

        /// Events of the host find no place from here on; once, until ``InFlight/expectDrops()``.
        case dropping
    }

    /// The try that made the connection; tells what it says from what a later one does.
    private let generation: Int
    private let inFlight: InFlight
    private let now: @Sendable () -> Timestamp
    private let post: @Sendable (Delivery) -> Void

    package init(
        generation: Int,
        inFlight: InFlight,
        now: @escaping @Sendable () -> Timestamp,
        post: @escaping @Sendable (Delivery) -> Void
    ) {
        self.generation = generation
        self.inFlight = inFlight
        self.now = now
        self.post = post
    }

    /// Takes an event in, unless the host has too many on their way to the journal; then it is counted as dropped.
    ///
    /// - Parameter read: Copies the event, given the time; not called for one that is dropped.
    package func deliver(_ read: (Timestamp) -> HostEvent) {
        guard inFlight.enter() else { return dropped() }
        let event = read(now())
        guard event.places == 1 || inFlight.widen(by: event.places - 1) else { return dropped() }
        post(.event(generation: generation, event))
    }

    private func dropped() {
        if inFlight.isNews() { post(.dropping) }
    }

    /// The connection is lost.
    ///
    /// libvirt says so once per connection.
    package func closed(_ reason: DownReason) {
        post(.closed(generation: generation, reason))
    }
}
