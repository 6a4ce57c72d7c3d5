/// What is made of calls that do not return.
///
/// Keepalive proves that a daemon's loop turns, and nothing of those who do the work; only a call that returns does. Every
/// call counts, and where there is none for a while, one is made for this alone: the probe. A value without a clock; it
/// outlives connections, since what hung once may hang again.
struct ProbePlan: Sendable {
    enum Action: Hashable, Sendable {
        /// Makes a call that is for this alone.
        case ask
        case doubt
        case trust
        /// ``patienceIsOver()`` is to follow, unless it is cancelled or the connection goes.
        case schedulePatience(Duration)
        case cancelPatience
        /// The connection is good for nothing.
        case giveUp(HostCall, after: Duration)
    }

    /// How often patience is doubled at most: from 25 s, by default, to 6 min 40 s.
    private static let doublings = 4

    /// How long a call may take before there is doubt.
    let deadline: Duration

    /// How long one that is past the deadline may stay out: as long as keepalive takes to notice a daemon that is frozen
    /// altogether, so that this is told by keepalive.
    let patience: Duration

    /// The call that is past the deadline.
    private var late: HostCall?

    /// How often the connection was given up because of a call.
    ///
    /// A call that is slow by nature must not end every connection anew, nor must a part of the host that hangs for days.
    private var strikes: [HostCall: Int] = [:]

    init(deadline: Duration, patience: Duration) {
        self.deadline = deadline
        self.patience = patience
    }

    /// It is time for a probe.
    ///
    /// - Parameters:
    ///   - isCalling: Whether a call is outstanding; it does as well, for there is one at a time.
    ///   - waited: How long it has been waiting for a thread. That is no fault of the connection, which stays; but nobody
    ///     knows how the host is. The default is not at all.
    func due(isCalling: Bool, waited: Duration = .zero) -> [Action] {
        guard isCalling else { return [.ask] }
        return waited >= deadline ? [.doubt] : []
    }

    /// The call under way is past the deadline.
    mutating func callIsLate(_ call: HostCall) -> [Action] {
        guard late == nil else { return [] }
        late = call
        return [.doubt, .schedulePatience(patience(with: call))]
    }

    mutating func callReturned(_ call: HostCall) -> [Action] {
        guard late != nil else {
            strikes[call] = nil
            return [.trust]
        }
        // One that was late will be again.
        late = nil
        return [.cancelPatience, .trust]
    }

    mutating func patienceIsOver() -> [Action] {
        guard let call = late else { return [] }
        late = nil
        let waited = deadline + patience(with: call)
        strikes[call, default: 0] += 1
        return [.giveUp(call, after: waited)]
    }

    /// How often a call has ended a connection since it last returned in time.
    func strikes(of call: HostCall) -> Int { strikes[call] ?? 0 }

    /// The connection has gone, and its calls with it; doubt stays until a call returns on another.
    mutating func connectionEnded() -> [Action] {
        guard late != nil else { return [] }
        late = nil
        return [.cancelPatience]
    }

    private func patience(with call: HostCall) -> Duration {
        patience * (1 << min(strikes(of: call), Self.doublings))
    }
}

/// What a host is called for.
enum HostCall: Hashable, Sendable, CustomStringConvertible {
    case probe, identity, uptime, kinds
    case listing(EventKind.Object)

    var description: String {
        switch self {
        case .probe: "a probe"
        case .identity: "the question for its UUID"
        case .uptime: "the question for its uptime"
        case .kinds: "a registration"
        case .listing(let object): "the listing of class \(object.rawValue)"
        }
    }
}
