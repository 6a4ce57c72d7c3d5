/// An event to be sent, with the caller's name for it.
package struct OutgoingEvent: Sendable {
    /// Comes back in ``BusReport``; means nothing here.
    package let ticket: Int64

    /// An ``UnstampedEvent`` that has a `relay.id`.
    package let bytes: [UInt8]

    package init(ticket: Int64, bytes: [UInt8]) {
        self.ticket = ticket
        self.bytes = bytes
    }
}

/// What became of the bus and of the events given to it.
package enum BusReport: Sendable, Hashable {
    /// A probe came back, or without pub pull was connected: events of this session may be sent.
    ///
    /// Sessions count from 1.
    case ready(session: Int, framing: Framing)

    /// These were seen on the bus, in the order seen, which need not be the order sent; without pub, these were written.
    case confirmed(session: Int, tickets: [Int64])

    /// Never written and never will be, because of what the event is.
    ///
    /// The session goes on.
    case undeliverable(session: Int, ticket: Int64, why: String)

    /// The session is over: whatever is unconfirmed must be sent again after the next ``ready(session:framing:)``.
    case lost(session: Int, BusFailure)

    /// An attempt failed, unlike the one before.
    ///
    /// More attempts follow without end.
    case unavailable(BusFailure)
}
