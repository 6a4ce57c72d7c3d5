/// Something a watcher has to say of its host, ready for the journal.
package struct HostReport: Sendable {
    package let host: String

    /// Counts everything said of this host, from 1; never resets while the service runs.
    ///
    /// 0 for ``Body/state``, which nobody outside is told.
    package let sequence: UInt64
    package let observed: Timestamp

    /// The connection's URI without user name and query; the inventory's before the first open.
    package let uri: String

    /// The hypervisor's own UUID, once it has said it.
    package let hostUUID: String?
    package let body: Body

    /// What has become different with it; to be committed together with its record.
    package let changes: [StateChange]

    /// For an event that nobody told, and that counts in no ``CallbackCounts``; `nil` for one of libvirt's.
    package let synthetic: Synthesis?

    package enum Body: Sendable {
        case event(HostEvent)
        case up(HostUp)
        case down(HostDown)
        case paused(Pause)
        case resumed(by: String)
        case certificate(CertificateNotice)
        case gap(HostGap)
        case degraded(HostDegradation)
        case recovered(HostDegradation)
        case flapping(HostFlapping)

        /// Nothing but the report's changes.
        case state
    }

    package init(
        host: String,
        sequence: UInt64,
        observed: Timestamp,
        uri: String,
        hostUUID: String? = nil,
        body: Body,
        changes: [StateChange] = [],
        synthetic: Synthesis? = nil
    ) {
        self.host = host
        self.sequence = sequence
        self.observed = observed
        self.uri = uri
        self.hostUUID = hostUUID
        self.body = body
        self.changes = changes
        self.synthetic = synthetic
    }
}

/// The host is watched, everything is registered.
package struct HostUp: Hashable, Sendable {
    /// Attempts it took since the host was last up; 1 = the first.
    package let attempt: Int
    /// How long the successful attempt took.
    package let took: Duration
    package let facts: ConnectionFacts

    package init(attempt: Int, took: Duration, facts: ConnectionFacts) {
        self.attempt = attempt
        self.took = took
        self.facts = facts
    }
}

/// The host cannot be heard.
package struct HostDown: Hashable, Sendable {
    package let reason: DownReason
    package let message: String
    /// When the outage began.
    package let since: Timestamp

    /// `nil` when there will be none: the host has left the inventory.
    package let nextAttempt: Timestamp?

    package init(reason: DownReason, message: String, since: Timestamp, nextAttempt: Timestamp?) {
        self.reason = reason
        self.message = message
        self.since = since
        self.nextAttempt = nextAttempt
    }
}
