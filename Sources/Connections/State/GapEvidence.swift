/// What is known of an outage that tells why there was one.
struct GapEvidence: Hashable, Sendable {
    /// Whether the host is the machine we run on: between us there is no network.
    var isLocal = false

    /// What the connection was lost with; `nil` = it never stood.
    var loss: DownReason?

    /// What the attempts to connect failed with since.
    var failures: Set<DownReason> = []

    /// Whether the host has booted since it was last asked.
    var hasBooted = false

    /// The host is down, or still is: for this reason.
    mutating func note(_ reason: DownReason) {
        if loss == nil { loss = reason } else { failures.insert(reason) }
    }

    var cause: GapCause {
        if hasBooted { return .host }
        // Nobody listens where somebody says so, and on our own machine.
        if isLocal || loss == .probe || failures.contains(.refused) { return .daemon }
        if !failures.isDisjoint(with: [.timeout, .route, .dns]) { return .network }
        return .unknown
    }
}

/// How long a host has been up, and when that was.
package struct HostUptime: Hashable, Sendable {
    package let uptime: Duration
    package let at: Timestamp

    package init(uptime: Duration, at moment: Timestamp) {
        self.uptime = uptime
        at = moment
    }

    /// Whether the host has booted between two looks.
    ///
    /// Half of the time must be missing: the sum of what processors did is no clock.
    func hasBooted(since former: HostUptime) -> Bool {
        uptime < former.uptime || uptime < former.at.duration(to: at) / 2
    }
}
