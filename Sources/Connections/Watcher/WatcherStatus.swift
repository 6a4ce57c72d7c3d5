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

    /// Who it was when all that is known of it had been compared; to be kept for the next life, which is given it in
    /// ``Watcher/init``: told who it is now, that would compare one hypervisor's objects with another's.
    package var comparedUUID: String?

    /// What the last look at a TLS host's certificates found.
    package var certificates: TLSVerdict?

    /// The maintenance that is announced.
    package var pause: Pause?
    /// What is known of each class of objects; a class without a complete listing is not there, or says why.
    package var classes: [EventKind.Object: ClassStatus] = [:]

    /// Events of objects that are more than are taken in: what stands in ``classes`` is not all there is.
    package var beyondLimit = 0

    /// Gaps told since the watcher began, and the last of them.
    package var gaps = 0
    package var lastGap: HostGap?

    /// Events taken in, and those that found no place between callback and journal.
    package var events = 0
    package var dropped = 0

    /// What is in doubt of a host that is connected, and since when; one that is up and degraded is not well.
    package var degraded: [HostDegradation.Doubt: Timestamp] = [:]

    /// Set while the host is lost so often that its ups and downs are not told.
    package var flapping: HostFlapping?

    /// When the last audit ended that had anything to compare.
    package var audited: Timestamp?

    /// The last proofs of hearing; to be kept for the next life, which is given them in ``Watcher/init``.
    package var heard = LastHeard()

    /// Whether the journal has lost something that has not been told anew.
    package var isUntold = false

    package init(phase: Phase, pause: Pause? = nil) {
        self.pause = pause
        self.phase = phase
    }
}

/// What is known of a class of a host's objects.
package struct ClassStatus: Hashable, Sendable {
    package var objects: Int

    /// When its last complete listing was begun; `nil` = in a former life, or never.
    package var listed: Timestamp?

    /// Why the last try to list it failed.
    package var failure: String?

    package init(objects: Int = 0, listed: Timestamp? = nil, failure: String? = nil) {
        self.objects = objects
        self.listed = listed
        self.failure = failure
    }
}
