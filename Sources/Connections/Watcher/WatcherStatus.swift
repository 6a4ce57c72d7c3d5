/// What a watcher is doing; an immutable snapshot, readable from any thread.
package struct WatcherStatus: Sendable {
    package enum Phase: String, Sendable {
        case connecting, up, down, stopped
    }

    package var phase: Phase
    /// Why it is down.
    package var down: HostDown?
    package var facts: ConnectionFacts?

    /// Since when it is in this phase.
    package var since: Timestamp?

    /// Attempts to connect since the host was last up.
    package var attempts = 0

    /// Whether an attempt is under way, or waits for its turn: the next one is now.
    package var isTrying = false

    /// The hypervisor's own UUID, once it has said it.
    package var hostUUID: String?

    /// What the last look at a TLS host's certificates found.
    package var certificates: TLSVerdict?

    /// The maintenance that is announced.
    package var pause: Pause?
    /// Events taken in, and those that found no place between callback and journal.
    package var events = 0
    package var dropped = 0

    package init(phase: Phase, pause: Pause? = nil) {
        self.pause = pause
        self.phase = phase
    }
}
