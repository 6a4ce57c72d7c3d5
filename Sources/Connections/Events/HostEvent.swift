/// One libvirt event as the callback gave it: copied, so that nothing of it lives in libvirt any more.
package struct HostEvent: Hashable, Sendable {
    package let kind: EventKind
    package let subject: Subject
    package let payload: Payload

    /// When the callback ran.
    package let observed: Timestamp

    /// JSON pointers to the texts that were cut at 4 KiB.
    package let truncated: [String]

    package init(
        kind: EventKind,
        subject: Subject,
        payload: Payload,
        observed: Timestamp,
        truncated: [String] = []
    ) {
        self.kind = kind
        self.subject = subject
        self.payload = payload
        self.observed = observed
        self.truncated = truncated
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

    /// What a kind carries beyond its subject, as libvirt's numbers.
    package enum Payload: Hashable, Sendable {
        case plain
        case lifecycle(event: Int32, detail: Int32)
        case metadataChange(type: Int32, nsuri: String?)
    }
}
