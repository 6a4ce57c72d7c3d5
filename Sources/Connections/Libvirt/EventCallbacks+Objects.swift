internal import CLibvirt

/// Networks, storage pools, node devices and secrets.
extension EventCallbacks {
    static let networkLifecycle: virConnectNetworkEventLifecycleCallback = { _, network, event, detail, opaque in
        deliver(opaque) { copy in (subject(network: network, &copy), .lifecycle(event: event, detail: detail)) }
    }

    static let networkMetadataChange: clv_network_metadata_change_callback = { _, network, type, nsuri, opaque in
        deliver(opaque) { copy in
            (subject(network: network, &copy), .metadataChange(type: type, nsuri: copy.text(nsuri, at: "/nsuri")))
        }
    }

    static let poolLifecycle: virConnectStoragePoolEventLifecycleCallback = { _, pool, event, detail, opaque in
        deliver(opaque) { copy in (subject(pool: pool, &copy), .lifecycle(event: event, detail: detail)) }
    }

    static let poolPlain: virConnectStoragePoolEventGenericCallback = { _, pool, opaque in
        deliver(opaque) { copy in (subject(pool: pool, &copy), .plain) }
    }

    static let nodedevLifecycle: virConnectNodeDeviceEventLifecycleCallback = { _, device, event, detail, opaque in
        deliver(opaque) { copy in (subject(nodedev: device, &copy), .lifecycle(event: event, detail: detail)) }
    }

    static let nodedevPlain: virConnectNodeDeviceEventGenericCallback = { _, device, opaque in
        deliver(opaque) { copy in (subject(nodedev: device, &copy), .plain) }
    }

    static let secretLifecycle: virConnectSecretEventLifecycleCallback = { _, secret, event, detail, opaque in
        deliver(opaque) { _ in (subject(secret: secret), .lifecycle(event: event, detail: detail)) }
    }

    static let secretPlain: virConnectSecretEventGenericCallback = { _, secret, opaque in
        deliver(opaque) { _ in (subject(secret: secret), .plain) }
    }

    private static func subject(network: virNetworkPtr?, _ copy: inout FieldCopy) -> HostEvent.Subject {
        .network(
            name: copy.name(virNetworkGetName(network), at: "/network/name"),
            uuid: uuid { virNetworkGetUUID(network, $0) }
        )
    }

    private static func subject(pool: virStoragePoolPtr?, _ copy: inout FieldCopy) -> HostEvent.Subject {
        .pool(
            name: copy.name(virStoragePoolGetName(pool), at: "/pool/name"),
            uuid: uuid { virStoragePoolGetUUID(pool, $0) }
        )
    }

    private static func subject(nodedev: virNodeDevicePtr?, _ copy: inout FieldCopy) -> HostEvent.Subject {
        .nodedev(name: copy.name(virNodeDeviceGetName(nodedev), at: "/nodedev/name"))
    }

    private static func subject(secret: virSecretPtr?) -> HostEvent.Subject {
        .secret(uuid: uuid { virSecretGetUUID(secret, $0) })
    }
}
