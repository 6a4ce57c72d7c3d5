/// A time in which events of a host could have been missed; said when hearing has resumed, after the events that make up
/// for it.
package struct HostGap: Hashable, Sendable {
    /// The last proof that everything was heard.
    package let from: Timestamp

    /// When everything was heard again.
    package let to: Timestamp

    /// The classes of which events could have been missed, in the order of ``EventKind/Object``.
    package let classes: [EventKind.Object]
    package let cause: GapCause

    /// How many events were made up from the difference.
    package let synthesised: Int

    package init(from: Timestamp, to: Timestamp, classes: [EventKind.Object], cause: GapCause, synthesised: Int) {
        self.from = from
        self.to = to
        self.classes = classes
        self.cause = cause
        self.synthesised = synthesised
    }
}

/// Why events could have been missed, as far as the evidence tells.
package enum GapCause: String, CaseIterable, Sendable {
    /// The daemon was away; its host was not.
    case daemon

    /// The host has booted.
    case host
    case network

    /// The service did not run, or gave the host another connection because the inventory said so, or that wants domains now
    /// whose events it had kept back.
    case `self`

    /// We had no room for them, or the bus would not have them.
    case dropped

    /// The daemon kept silent about a class on a connection that lived.
    case audit

    /// Another hypervisor answers under the name: what was told of the other's objects says nothing of what there is.
    case changed
    case unknown
}

/// What marks an event that nobody told: it follows from how things are.
package struct Synthesis: Hashable, Sendable {
    package enum Basis: String, CaseIterable, Sendable {
        case resync, audit
    }

    package let basis: Basis

    /// When it must have happened, if it did, once or more often.
    package let from: Timestamp
    package let to: Timestamp

    package init(_ basis: Basis = .resync, from: Timestamp, to: Timestamp) {
        self.basis = basis
        self.from = from
        self.to = to
    }
}
