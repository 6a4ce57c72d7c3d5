/// What a schedule does to hosts, to the master and to the service.
enum FaultKind: String, CaseIterable, Sendable {
    case daemonKilled = "daemon_killed"
    case daemonRestarted = "daemon_restarted"
    /// SIGSTOP, for less than keepalive takes to give up.
    case frozenShort = "frozen_short"
    case frozenLong = "frozen_long"
    case packetsDroppedShort = "packets_dropped_short"
    case packetsDropped = "packets_dropped"
    /// A TCP reset.
    case reset
    case sshKilled = "ssh_killed"
    /// `virt-admin client-disconnect`.
    case clientDisconnected = "client_disconnected"
    /// Reset, and then cut again in the middle of the listing that follows.
    case listingCut = "listing_cut"
    /// Keepalive is answered, calls are not.
    case callsSwallowed = "calls_swallowed"
    /// The events of one class are dropped, and all else goes on.
    case classDeaf = "class_deaf"
    /// The daemon is away when the service starts.
    case downAtStart = "down_at_start"
    /// All daemons are killed at once.
    case allLost = "all_lost"
    /// The service is killed, and started on what it left.
    case selfKilled = "self_killed"
    case diskFull = "disk_full"
    case masterRestarted = "master_restarted"

    /// What it does to the hearing of the hosts that it is about.
    enum Effect: Sendable {
        /// From its moment on nothing is heard: a gap must cover it.
        case outage
        /// Events may be missed, or the connection given up: a gap may come of it, and must where an event was missed.
        case doubt
        /// Only what is dropped for want of room may leave a gap.
        case drops
        /// No gap may come of it.
        case none
    }

    var effect: Effect {
        switch self {
        case .frozenShort, .packetsDroppedShort, .callsSwallowed, .classDeaf: .doubt
        case .diskFull: .drops
        case .masterRestarted, .downAtStart: .none
        default: .outage
        }
    }

    /// Whether a host's connection, or the lack of one, may come of it.
    var concernsHearing: Bool { effect == .outage || effect == .doubt || self == .downAtStart }

    /// What a gap that it leaves, and no other fault, may have as its cause.
    ///
    /// The service's evidence is what its connection was lost with and what the attempts failed with that came then; what
    /// is over before there was an attempt is `unknown` on a way through a network.
    var causes: Set<String> {
        switch self {
        case .daemonKilled, .daemonRestarted, .allLost, .frozenShort, .frozenLong: ["daemon", "unknown"]
        case .packetsDropped, .packetsDroppedShort: ["network", "unknown"]
        // A call that does not return is the daemon's, as far as the evidence goes.
        case .callsSwallowed: ["daemon"]
        case .reset, .listingCut, .sshKilled, .clientDisconnected: ["unknown"]
        case .classDeaf: ["audit"]
        case .selfKilled: ["self"]
        case .diskFull: ["dropped"]
        case .downAtStart, .masterRestarted: []
        }
    }

    /// Whether it keeps the daemon from running for a while.
    var freezes: Bool { self == .frozenShort || self == .frozenLong }

    /// Whether it lasts until keepalive gives the host up.
    var outlastsKeepalive: Bool { self == .frozenLong || self == .packetsDropped }

    /// Whether it holds up what is heard in the end.
    var holdsUp: Bool {
        switch self {
        case .frozenShort, .frozenLong, .packetsDroppedShort, .packetsDropped: true
        default: false
        }
    }

    /// Whether it is done to one host, and not to all or to none.
    var isOfHost: Bool {
        switch self {
        case .allLost, .selfKilled, .diskFull, .masterRestarted, .downAtStart: false
        default: true
        }
    }

    /// Whether it can be done to a host that is reached in this way.
    func suits(_ way: Way) -> Bool {
        switch self {
        case .reset, .listingCut, .callsSwallowed, .classDeaf: way == .relay
        case .packetsDropped, .packetsDroppedShort: way == .network
        case .sshKilled, .clientDisconnected: way == .ssh || way == .durable
        default: true
        }
    }
}

/// How the service reaches a host; whoever judges has the daemon's own socket.
enum Way: String, CaseIterable, Sendable {
    /// TCP, through a relay that reads libvirt's messages.
    case relay
    /// TCP, over a cable between two networks of the test's own.
    case network
    case unix
    case ssh
    /// By ssh, to the qemu driver, which remembers what is defined when its daemon goes; the others have the test driver,
    /// which forgets everything.
    case durable
}
