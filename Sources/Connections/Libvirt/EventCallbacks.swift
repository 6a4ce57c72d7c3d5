internal import CLibvirt

/// The C functions libvirt calls, on the loop thread: copy, hand over, return.
///
/// They make no libvirt call that talks to the host; names, ids and UUIDs are fields of the object at hand. Static
/// members, because a closure written inside an actor would inherit its isolation and trap on libvirt's thread.
enum EventCallbacks {
    static let domainLifecycle: virConnectDomainEventCallback = { _, domain, event, detail, opaque in
        deliver(opaque) { copy in (subject(domain: domain, &copy), .lifecycle(event: event, detail: detail)) }
        return 0
    }

    static let domainPlain: virConnectDomainEventGenericCallback = { _, domain, opaque in
        deliver(opaque) { copy in (subject(domain: domain, &copy), .plain) }
    }

    static let domainMetadataChange: virConnectDomainEventMetadataChangeCallback = { _, domain, type, nsuri, opaque in
        deliver(opaque) { copy in
            let uri = nsuri.map { copy.text($0, at: "/nsuri") }
            return (subject(domain: domain, &copy), .metadataChange(type: type, nsuri: uri))
        }
    }

    static let networkLifecycle: virConnectNetworkEventLifecycleCallback = { _, network, event, detail, opaque in
        deliver(opaque) { copy in
            let name = copy.text(virNetworkGetName(network), at: "/network/name")
            let uuid = uuid { virNetworkGetUUID(network, $0) }
            return (.network(name: name, uuid: uuid), .lifecycle(event: event, detail: detail))
        }
    }

    static let poolLifecycle: virConnectStoragePoolEventLifecycleCallback = { _, pool, event, detail, opaque in
        deliver(opaque) { copy in (subject(pool: pool, &copy), .lifecycle(event: event, detail: detail)) }
    }

    static let poolPlain: virConnectStoragePoolEventGenericCallback = { _, pool, opaque in
        deliver(opaque) { copy in (subject(pool: pool, &copy), .plain) }
    }

    static let nodedevLifecycle: virConnectNodeDeviceEventLifecycleCallback = { _, device, event, detail, opaque in
        deliver(opaque) { copy in
            let name = copy.text(virNodeDeviceGetName(device), at: "/nodedev/name")
            return (.nodedev(name: name), .lifecycle(event: event, detail: detail))
        }
    }

    static let secretLifecycle: virConnectSecretEventLifecycleCallback = { _, secret, event, detail, opaque in
        deliver(opaque) { _ in
            (.secret(uuid: uuid { virSecretGetUUID(secret, $0) }), .lifecycle(event: event, detail: detail))
        }
    }

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

    private static func deliver(
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
                truncated: copy.truncated
            )
        }
    }

    private static func subject(domain: virDomainPtr?, _ copy: inout FieldCopy) -> HostEvent.Subject {
        .domain(
            name: copy.text(virDomainGetName(domain), at: "/domain/name"),
            id: Int32(bitPattern: virDomainGetID(domain)),
            uuid: uuid { virDomainGetUUID(domain, $0) }
        )
    }

    private static func subject(pool: virStoragePoolPtr?, _ copy: inout FieldCopy) -> HostEvent.Subject {
        .pool(
            name: copy.text(virStoragePoolGetName(pool), at: "/pool/name"),
            uuid: uuid { virStoragePoolGetUUID(pool, $0) }
        )
    }

    private static func uuid(_ fill: (UnsafeMutablePointer<UInt8>?) -> Int32) -> ObjectUUID {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(VIR_UUID_BUFLEN)) { buffer in
            buffer.initialize(repeating: 0)
            _ = fill(buffer.baseAddress)
            return ObjectUUID(bytes: buffer)
        }
    }
}
