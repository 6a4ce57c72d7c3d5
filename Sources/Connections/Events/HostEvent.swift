/// One libvirt event as the callback gave it: copied, so that nothing of it lives in libvirt any more.
package struct HostEvent: Hashable, Sendable {
    package let kind: EventKind
    package let subject: Subject
    package let payload: Payload

    /// When the callback ran.
    package let observed: Timestamp

    /// What is to be said of its texts.
    package let marks: TextMarks

    /// How many places of ``InFlight`` it takes; 1 for all but the largest.
    package let places: Int

    package init(
        kind: EventKind,
        subject: Subject,
        payload: Payload,
        observed: Timestamp,
        marks: TextMarks = TextMarks(),
        places: Int = 1
    ) {
        self.kind = kind
        self.subject = subject
        self.payload = payload
        self.observed = observed
        self.marks = marks
        self.places = places
    }

    /// What the event is about.
    ///
    /// Names come from the host: they may hold anything but a NUL; bytes that are no UTF-8 have become U+FFFD.
    package enum Subject: Hashable, Sendable {
        /// `id` is -1 for a domain that does not run.
        case domain(name: String, id: Int32, uuid: ObjectUUID)
        case network(name: String, uuid: ObjectUUID)
        case pool(name: String, uuid: ObjectUUID)
        case nodedev(name: String)
        case secret(uuid: ObjectUUID)
    }
}
