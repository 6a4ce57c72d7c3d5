internal import CLibvirt

/// The C functions libvirt calls, on the loop thread: copy, hand over, return.
///
/// They make no libvirt call that talks to the host; names, ids and UUIDs are fields of the object at hand. Static
/// members, because a closure written inside an actor would inherit its isolation and trap on libvirt's thread.
/// `EventKind+Callback.swift` says which kinds each of them serves.
enum EventCallbacks {
    /// The close callback; see <https://libvirt.org/html/libvirt-libvirt-host.html#virConnectCloseReason>.
    static let closed: virConnectCloseFunc = { _, reason, opaque in
        CallbackBox.from(opaque)?.inlet.closed(closeReason(reason))
    }

    private static func closeReason(_ reason: Int32) -> DownReason {
        switch virConnectCloseReason(UInt32(bitPattern: reason)) {
        case VIR_CONNECT_CLOSE_REASON_ERROR: .error
        case VIR_CONNECT_CLOSE_REASON_EOF: .eof
        case VIR_CONNECT_CLOSE_REASON_KEEPALIVE: .keepalive
        case VIR_CONNECT_CLOSE_REASON_CLIENT: .client
        default: .unknown
        }
    }

    /// Takes in an event of a domain.
    static func deliver(
        _ opaque: UnsafeMutableRawPointer?,
        domain: virDomainPtr?,
        _ payload: (inout FieldCopy) -> HostEvent.Payload
    ) {
        deliver(opaque) { copy in
            let subject = HostEvent.Subject.domain(
                name: copy.name(virDomainGetName(domain), at: "/domain/name"),
                id: Int32(bitPattern: virDomainGetID(domain)),
                uuid: uuid { virDomainGetUUID(domain, $0) }
            )
            return (subject, payload(&copy))
        }
    }

    static func deliver(
        _ opaque: UnsafeMutableRawPointer?,
        _ read: (inout FieldCopy) -> (HostEvent.Subject, HostEvent.Payload)
    ) {
        guard let box = CallbackBox.from(opaque), let kind = box.kind else { return }
        box.inlet.deliver {
            var copy = FieldCopy()
            let (subject, payload) = read(&copy)
            return HostEvent(
                kind: kind,
                subject: subject,
                payload: payload,
                observed: $0,
                marks: copy.marks,
                places: copy.places
            )
        }
    }

    static func uuid(_ fill: (UnsafeMutablePointer<UInt8>?) -> Int32) -> ObjectUUID {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(VIR_UUID_BUFLEN)) { buffer in
            buffer.initialize(repeating: 0)
            _ = fill(buffer.baseAddress)
            return ObjectUUID(bytes: buffer)
        }
    }
}
