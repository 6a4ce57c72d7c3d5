internal import CLibvirt

extension EventKind {
    /// Every kind the service knows, in the order it is registered.
    package static let all: [EventKind] = [
        domainLifecycle, domainReboot, domainMetadataChange, networkLifecycle, poolLifecycle, poolRefresh,
        nodedevLifecycle, secretLifecycle,
    ]

    package static let domainLifecycle = EventKind(
        object: .domain,
        name: "lifecycle",
        id: Int32(VIR_DOMAIN_EVENT_ID_LIFECYCLE.rawValue),
        since: "0.8.0"
    )
    package static let domainReboot = EventKind(
        object: .domain,
        name: "reboot",
        id: Int32(VIR_DOMAIN_EVENT_ID_REBOOT.rawValue),
        since: "0.8.0"
    )
    package static let domainMetadataChange = EventKind(
        object: .domain,
        name: "metadata_change",
        id: Int32(VIR_DOMAIN_EVENT_ID_METADATA_CHANGE.rawValue),
        since: "3.0.0"
    )
    package static let networkLifecycle = EventKind(
        object: .network,
        name: "lifecycle",
        id: Int32(VIR_NETWORK_EVENT_ID_LIFECYCLE.rawValue),
        since: "1.2.1"
    )
    package static let poolLifecycle = EventKind(
        object: .pool,
        name: "lifecycle",
        id: Int32(VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE.rawValue),
        since: "2.0.0"
    )
    package static let poolRefresh = EventKind(
        object: .pool,
        name: "refresh",
        id: Int32(VIR_STORAGE_POOL_EVENT_ID_REFRESH.rawValue),
        since: "2.0.0"
    )
    package static let nodedevLifecycle = EventKind(
        object: .nodedev,
        name: "lifecycle",
        id: Int32(VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE.rawValue),
        since: "2.2.0"
    )
    package static let secretLifecycle = EventKind(
        object: .secret,
        name: "lifecycle",
        id: Int32(VIR_SECRET_EVENT_ID_LIFECYCLE.rawValue),
        since: "3.0.0"
    )
}
