/// What is known of an outage that tells why there was one.
struct GapEvidence: Hashable, Sendable {
    /// Whether the host is the machine we run on: between us there is no network.
    var isLocal = false

    /// Whether we ended the connection ourselves, because an audit found it to be deaf.
    var isReplaced = false

    /// What the connection was lost with; `nil` = it never stood.
    private var loss: DownReason?

    /// What the attempts to connect failed with since.
    private var failures: Set<DownReason> = []

    /// Whether the daemon's socket took connections and nobody answered on them.
    private var isFrozen = false

    /// Whether the host has booted since it was last asked.
    var hasBooted = false

    init(isLocal: Bool = false, isReplaced: Bool = false, hasBooted: Bool = false) {
        self.isLocal = isLocal
        self.isReplaced = isReplaced
        self.hasBooted = hasBooted
    }

    /// The connection is lost; what is said of the host's being down later does not change why.
    mutating func lost(_ reason: DownReason) {
        if loss == nil { loss = reason }
    }

    /// An attempt to connect has failed since.
    mutating func failed(_ failure: EstablishFailure) {
        guard failure.reason == .timeout else {
            failures.insert(failure.reason)
            return
        }
        switch failure.hasReached {
        case true?: isFrozen = true
        case false?: failures.insert(.timeout)
        case nil: break
        }
    }

    var cause: GapCause {
        if hasBooted { return .host }
        if isReplaced, failures.isEmpty, loss == nil { return .audit }
        // The host says that nobody listens there, or takes what nobody answers.
        if isLocal || isFrozen || loss == .probe || failures.contains(.refused) { return .daemon }
        if !failures.isDisjoint(with: [.timeout, .route, .dns]) { return .network }
        return .unknown
    }
}

/// How long a host has been up, and when that was by a clock that nobody sets.
package struct HostUptime: Hashable, Sendable {
    package let uptime: Duration
    package let at: Duration

    package init(uptime: Duration, at moment: Duration) {
        self.uptime = uptime
        at = moment
    }

    /// Whether the host has booted between two looks.
    ///
    /// Half of it must be missing: the sum of what processors did is no clock, and may even step back.
    func hasBooted(since former: HostUptime) -> Bool {
        uptime < (former.uptime + at - former.at) / 2
    }
}
