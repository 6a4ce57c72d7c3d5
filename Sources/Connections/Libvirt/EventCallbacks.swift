internal import CLibvirt

/// The C functions libvirt calls, on the loop thread: copy, hand over, return.
///
/// They make no libvirt call that talks to the host; names, ids and UUIDs are fields of the object at hand. Static
/// members, because a closure written inside an actor would inherit its isolation and trap on libvirt's thread.
enum EventCallbacks {
    static let domainLifecycle: virConnectDomainEventCallback = { _, domain, event, detail, opaque in
        deliver(opaque, .lifecycle(event: event, detail: detail)) { subject(domain: domain) }
        return 0
    }

    static let domainPlain: virConnectDomainEventGenericCallback = { _, domain, opaque in
        deliver(opaque, .plain) { subject(domain: domain) }
    }

    static let domainMetadataChange: virConnectDomainEventMetadataChangeCallback = { _, domain, type, nsuri, opaque in
        let payload = HostEvent.Payload.metadataChange(type: type, nsuri: nsuri.map { String(cString: $0) })
        deliver(opaque, payload) { subject(domain: domain) }
    }

    static let networkLifecycle: virConnectNetworkEventLifecycleCallback = { _, network, event, detail, opaque in
        deliver(opaque, .lifecycle(event: event, detail: detail)) {
            .network(name: text(virNetworkGetName(network)), uuid: uuid { virNetworkGetUUID(network, $0) })
        }
    }

    static let poolLifecycle: virConnectStoragePoolEventLifecycleCallback = { _, pool, event, detail, opaque in
        deliver(opaque, .lifecycle(event: event, detail: detail)) { subject(pool: pool) }
    }

    static let poolPlain: virConnectStoragePoolEventGenericCallback = { _, pool, opaque in
        deliver(opaque, .plain) { subject(pool: pool) }
    }

    static let nodedevLifecycle: virConnectNodeDeviceEventLifecycleCallback = { _, device, event, detail, opaque in
        deliver(opaque, .lifecycle(event: event, detail: detail)) { .nodedev(name: text(virNodeDeviceGetName(device))) }
    }

    static let secretLifecycle: virConnectSecretEventLifecycleCallback = { _, secret, event, detail, opaque in
        deliver(opaque, .lifecycle(event: event, detail: detail)) {
            .secret(uuid: uuid { virSecretGetUUID(secret, $0) })
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
        _ payload: HostEvent.Payload,
        subject: () -> HostEvent.Subject
    ) {
        guard let box = CallbackBox.from(opaque), let kind = box.kind else { return }
        box.inlet.deliver(kind, payload, subject: subject)
    }

    private static func subject(domain: virDomainPtr?) -> HostEvent.Subject {
        .domain(
            name: text(virDomainGetName(domain)),
            id: Int32(bitPattern: virDomainGetID(domain)),
            uuid: uuid { virDomainGetUUID(domain, $0) }
        )
    }

    private static func subject(pool: virStoragePoolPtr?) -> HostEvent.Subject {
        .pool(name: text(virStoragePoolGetName(pool)), uuid: uuid { virStoragePoolGetUUID(pool, $0) })
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }

    private static func uuid(_ fill: (UnsafeMutablePointer<UInt8>?) -> Int32) -> ObjectUUID {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(VIR_UUID_BUFLEN)) { buffer in
            buffer.initialize(repeating: 0)
            _ = fill(buffer.baseAddress)
            return ObjectUUID(bytes: buffer)
        }
    }
}
