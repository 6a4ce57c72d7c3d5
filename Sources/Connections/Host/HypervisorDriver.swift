/// The road to a live connection.
///
/// libvirt is the real one; tests of the watcher bring their own.
package protocol HypervisorDriver: Sendable {
    /// Prepares one attempt; nothing happens until it is run.
    ///
    /// - Parameters:
    ///   - deadline: How long the attempt may take before the caller aborts it.
    ///   - inlet: Where the connection's events and its loss go, from the moment they can come.
    func attempt(_ host: Host, deadline: Duration, inlet: ConnectionInlet) -> any EstablishAttempt

    /// Looks at the certificates that the host shows, and that we show it; `nil` where there are none.
    ///
    /// Blocks up to the deadline: call it on a ``BlockingPool``.
    func certificates(of host: Host, deadline: Duration) -> TLSVerdict?
}

/// One attempt to open a connection, set keepalive and register every wanted kind.
package protocol EstablishAttempt: Sendable {
    /// Makes the attempt. Blocks, possibly for ever: call it on a ``BlockingPool``. A failure has undone what was done.
    func run() -> Result<any HypervisorConnection, EstablishFailure>

    /// Makes ``run()`` return soon where that is possible. Any thread, at any time, more than once.
    func abort()

    /// Whether somebody has taken the connection at the daemon's address; `nil` where that cannot be seen. Any thread, at
    /// any time.
    var hasReached: Bool? { get }
}

/// A live connection with everything registered.
package protocol HypervisorConnection: AnyObject, Sendable {
    var facts: ConnectionFacts { get }

    /// The kinds it was last told to register, refused ones among them.
    var kinds: [EventKind] { get }

    /// Registers the kinds that are wanted now, and takes back the others; those that were refused for the moment are
    /// asked for again.
    ///
    /// Blocks: call it on a ``BlockingPool``, from one thread at a time; afterwards ``facts`` says which were refused.
    func change(kinds: [EventKind])

    /// Whether nothing is known to be wrong with it; does not ask the host.
    ///
    /// Any thread.
    var isOpen: Bool { get }

    /// Makes a call that costs next to nothing and returns only when the host has served it, whatever it says, and what it
    /// said before has been handed in.
    ///
    /// Blocks: call it on a ``BlockingPool``.
    func probe()

    /// Asks for the hypervisor's own UUID; `nil` when it has none to give.
    ///
    /// Blocks, and may take seconds on a host that has to look at its emulators first: call it on a ``BlockingPool``.
    func hostUUID() -> String?

    /// Asks how long the host has been up, about; `nil` when it does not say.
    ///
    /// Blocks: call it on a ``BlockingPool``.
    func uptime() -> Duration?

    /// Lists all objects of a class, in a handful of calls however many there are.
    ///
    /// Blocks: call it on a ``BlockingPool``. What it gives is complete, or a failure.
    func list(_ object: EventKind.Object) -> Result<Listing, ListingFailure>

    /// Lets go of everything, in reverse order and to the end. Blocks: call it once, on a ``BlockingPool``.
    func close()

    /// Makes a ``close()`` that blocks return. Any thread.
    func abort()
}

/// What was learnt while establishing.
package struct ConnectionFacts: Hashable, Sendable {
    /// The URI as the connection itself gives it, without user name and query.
    package var uri: String

    /// The daemon's libvirt version, for example `9.0.0`; `nil` when it did not say.
    package var daemonVersion: String?

    /// `false` when the driver has no keepalive, as libvirt's in-process drivers.
    package var keepsAlive: Bool

    /// What is registered: the kinds that were asked for, or their older forms.
    package var registered: [EventKind]
    package var refused: [RefusedKind]

    /// Kinds that the host has in their older form alone, with its words for refusing the newer one.
    package var olderForms: [RefusedKind]

    package init(
        uri: String,
        daemonVersion: String? = nil,
        keepsAlive: Bool = true,
        registered: [EventKind] = [],
        refused: [RefusedKind] = [],
        olderForms: [RefusedKind] = []
    ) {
        self.uri = uri
        self.daemonVersion = daemonVersion
        self.keepsAlive = keepsAlive
        self.registered = registered
        self.refused = refused
        self.olderForms = olderForms
    }
}

/// A kind that this host cannot give, with the host's words for it.
package struct RefusedKind: Hashable, Sendable {
    package let kind: EventKind
    package let message: String

    /// Whether it may be granted to who asks again: a daemon of its own is away, a right is missing.
    package let isPassing: Bool

    /// What a host is down for that gives none of the kinds that are wanted.
    package let reason: DownReason

    package init(kind: EventKind, message: String, isPassing: Bool = false, reason: DownReason = .unsupported) {
        self.kind = kind
        self.message = message
        self.isPassing = isPassing
        self.reason = reason
    }
}

/// Why a connection could not be established.
///
/// The message is libvirt's or the system's and holds no secret.
package struct EstablishFailure: Error, Hashable, Sendable {
    package let reason: DownReason
    package let message: String

    /// Whether there was somebody at the daemon's address, who then kept silent; `nil` = nobody knows.
    package let hasReached: Bool?

    /// - Parameter hasReached: The default is `false`.
    package init(_ reason: DownReason, _ message: String, hasReached: Bool? = false) {
        self.reason = reason
        self.message = message
        self.hasReached = hasReached
    }
}
