internal import CLibvirt

extension EventKind {
    /// Registers this kind's callback on a connection: a round trip to the host.
    ///
    /// - Returns: libvirt's callback id, 0 included; -1 on failure, when `opaque` is still the caller's.
    func register(on connection: virConnectPtr, opaque: UnsafeMutableRawPointer) -> Int32 {
        let release = CallbackBox.release
        switch self {
        case .domainLifecycle:
            return clv_register_domain_lifecycle(connection, EventCallbacks.domainLifecycle, opaque, release)
        case .domainReboot:
            return clv_register_domain_plain(connection, id, EventCallbacks.domainPlain, opaque, release)
        case .domainMetadataChange:
            return clv_register_domain_metadata_change(connection, EventCallbacks.domainMetadataChange, opaque, release)
        case .networkLifecycle:
            return clv_register_network_lifecycle(connection, EventCallbacks.networkLifecycle, opaque, release)
        case .poolLifecycle:
            return clv_register_pool_lifecycle(connection, EventCallbacks.poolLifecycle, opaque, release)
        case .poolRefresh:
            return clv_register_pool_plain(connection, id, EventCallbacks.poolPlain, opaque, release)
        case .nodedevLifecycle:
            return clv_register_nodedev_lifecycle(connection, EventCallbacks.nodedevLifecycle, opaque, release)
        case .secretLifecycle:
            return clv_register_secret_lifecycle(connection, EventCallbacks.secretLifecycle, opaque, release)
        default:
            return -1
        }
    }

    /// Takes a callback back: a round trip, too.
    ///
    /// After a loss it fails, but libvirt forgets the callback all the same.
    func deregister(_ callback: Int32, on connection: virConnectPtr) -> Int32 {
        switch object {
        case .domain: virConnectDomainEventDeregisterAny(connection, callback)
        case .network: virConnectNetworkEventDeregisterAny(connection, callback)
        case .pool: virConnectStoragePoolEventDeregisterAny(connection, callback)
        case .nodedev: virConnectNodeDeviceEventDeregisterAny(connection, callback)
        case .secret: virConnectSecretEventDeregisterAny(connection, callback)
        }
    }
}
