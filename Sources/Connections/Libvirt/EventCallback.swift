internal import CLibvirt

/// A C function that libvirt calls for an event, by what it takes beside the object.
///
/// So that the compiler knows the type of each, and a kind's id stands in the table alone.
enum EventCallback {
    case domainLifecycle(virConnectDomainEventCallback)
    case domain(virConnectDomainEventGenericCallback)
    case domainInt(virConnectDomainEventWatchdogCallback)
    case domainUInt(clv_vcpu_removed_callback)
    case domainLLong(virConnectDomainEventRTCChangeCallback)
    case domainULLong(virConnectDomainEventBalloonChangeCallback)
    case domainIntInt(virConnectDomainEventAgentLifecycleCallback)
    case domainIntIntUInt(virConnectDomainEventMemoryFailureCallback)
    case domainIntText(virConnectDomainEventMetadataChangeCallback)
    case domainText(virConnectDomainEventDeviceAddedCallback)
    case domainTextInt(virConnectDomainEventTrayChangeCallback)
    case domainTextIntInt(virConnectDomainEventBlockJobCallback)
    case domainTextULLong(virConnectDomainEventMemoryDeviceSizeChangeCallback)
    case domainTextTextInt(virConnectDomainEventIOErrorCallback)
    case domainTextTextIntText(virConnectDomainEventIOErrorReasonCallback)
    case domainTextTextText(clv_nic_mac_change_callback)
    case domainTextTextTextInt(virConnectDomainEventDiskChangeCallback)
    case domainTextTextULLongULLong(virConnectDomainEventBlockThresholdCallback)
    case domainGraphics(virConnectDomainEventGraphicsCallback)
    case domainParameters(virConnectDomainEventTunableCallback)
    case networkIntInt(virConnectNetworkEventLifecycleCallback)
    case networkIntText(clv_network_metadata_change_callback)
    case poolIntInt(virConnectStoragePoolEventLifecycleCallback)
    case pool(virConnectStoragePoolEventGenericCallback)
    case nodedevIntInt(virConnectNodeDeviceEventLifecycleCallback)
    case nodedev(virConnectNodeDeviceEventGenericCallback)
    case secretIntInt(virConnectSecretEventLifecycleCallback)
    case secret(virConnectSecretEventGenericCallback)

    /// Registers the callback on a connection: a round trip to the host.
    ///
    /// - Returns: libvirt's callback id, 0 included; -1 on failure, when `opaque` is still the caller's.
    func register(as id: Int32, on connection: virConnectPtr, opaque: UnsafeMutableRawPointer?) -> Int32 {
        let release = CallbackBox.release
        return switch self {
        case .domainLifecycle(let callback): clv_register_domain_lifecycle(connection, id, callback, opaque, release)
        case .domain(let callback): clv_register_domain_plain(connection, id, callback, opaque, release)
        case .domainInt(let callback): clv_register_domain_int(connection, id, callback, opaque, release)
        case .domainUInt(let callback): clv_register_domain_uint(connection, id, callback, opaque, release)
        case .domainLLong(let callback): clv_register_domain_llong(connection, id, callback, opaque, release)
        case .domainULLong(let callback): clv_register_domain_ullong(connection, id, callback, opaque, release)
        case .domainIntInt(let callback): clv_register_domain_int_int(connection, id, callback, opaque, release)
        case .domainIntIntUInt(let callback):
            clv_register_domain_int_int_uint(connection, id, callback, opaque, release)
        case .domainIntText(let callback): clv_register_domain_int_text(connection, id, callback, opaque, release)
        case .domainText(let callback): clv_register_domain_text(connection, id, callback, opaque, release)
        case .domainTextInt(let callback): clv_register_domain_text_int(connection, id, callback, opaque, release)
        case .domainTextIntInt(let callback):
            clv_register_domain_text_int_int(connection, id, callback, opaque, release)
        case .domainTextULLong(let callback): clv_register_domain_text_ullong(connection, id, callback, opaque, release)
        case .domainTextTextInt(let callback):
            clv_register_domain_text_text_int(connection, id, callback, opaque, release)
        case .domainTextTextIntText(let callback):
            clv_register_domain_text_text_int_text(connection, id, callback, opaque, release)
        case .domainTextTextText(let callback):
            clv_register_domain_text_text_text(connection, id, callback, opaque, release)
        case .domainTextTextTextInt(let callback):
            clv_register_domain_text_text_text_int(connection, id, callback, opaque, release)
        case .domainTextTextULLongULLong(let callback):
            clv_register_domain_text_text_ullong_ullong(connection, id, callback, opaque, release)
        case .domainGraphics(let callback): clv_register_domain_graphics(connection, id, callback, opaque, release)
        case .domainParameters(let callback): clv_register_domain_parameters(connection, id, callback, opaque, release)
        case .networkIntInt(let callback): clv_register_network_int_int(connection, id, callback, opaque, release)
        case .networkIntText(let callback): clv_register_network_int_text(connection, id, callback, opaque, release)
        case .poolIntInt(let callback): clv_register_pool_int_int(connection, id, callback, opaque, release)
        case .pool(let callback): clv_register_pool_plain(connection, id, callback, opaque, release)
        case .nodedevIntInt(let callback): clv_register_nodedev_int_int(connection, id, callback, opaque, release)
        case .nodedev(let callback): clv_register_nodedev_plain(connection, id, callback, opaque, release)
        case .secretIntInt(let callback): clv_register_secret_int_int(connection, id, callback, opaque, release)
        case .secret(let callback): clv_register_secret_plain(connection, id, callback, opaque, release)
        }
    }
}
