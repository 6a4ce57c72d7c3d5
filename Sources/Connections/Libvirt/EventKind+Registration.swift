internal import CLibvirt

extension EventKind {
    /// Registers this kind's callback on a connection: a round trip to the host.
    ///
    /// - Returns: libvirt's callback id, 0 included; -1 on failure, when `opaque` is still the caller's.
    func register(on connection: virConnectPtr, opaque: UnsafeMutableRawPointer) -> Int32 {
        Self.registrations[self]?(connection, opaque, CallbackBox.release) ?? -1
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

    private typealias Registration =
        @Sendable (virConnectPtr, UnsafeMutableRawPointer, @escaping virFreeCallback) -> Int32

    /// What registers each kind: clang has checked that the callback is of the kind's type.
    private static let registrations: [EventKind: Registration] = [
        .domainLifecycle: { clv_register_domain_lifecycle($0, EventCallbacks.domainLifecycle, $1, $2) },
        .domainReboot: { clv_register_domain_reboot($0, EventCallbacks.domainPlain, $1, $2) },
        .domainRTCChange: { clv_register_domain_rtc_change($0, EventCallbacks.domainRTCChange, $1, $2) },
        .domainWatchdog: { clv_register_domain_watchdog($0, EventCallbacks.domainWatchdog, $1, $2) },
        .domainIOErrorWithoutReason: {
            clv_register_domain_io_error($0, EventCallbacks.domainIOErrorWithoutReason, $1, $2)
        },
        .domainGraphics: { clv_register_domain_graphics($0, EventCallbacks.domainGraphics, $1, $2) },
        .domainIOError: { clv_register_domain_io_error_reason($0, EventCallbacks.domainIOError, $1, $2) },
        .domainControlError: { clv_register_domain_control_error($0, EventCallbacks.domainPlain, $1, $2) },
        .domainBlockJobByPath: { clv_register_domain_block_job($0, EventCallbacks.domainBlockJob, $1, $2) },
        .domainDiskChange: { clv_register_domain_disk_change($0, EventCallbacks.domainDiskChange, $1, $2) },
        .domainTrayChange: { clv_register_domain_tray_change($0, EventCallbacks.domainTrayChange, $1, $2) },
        .domainPMWakeup: { clv_register_domain_pmwakeup($0, EventCallbacks.domainPowerManagement, $1, $2) },
        .domainPMSuspend: { clv_register_domain_pmsuspend($0, EventCallbacks.domainPowerManagement, $1, $2) },
        .domainBalloonChange: { clv_register_domain_balloon_change($0, EventCallbacks.domainBalloonChange, $1, $2) },
        .domainPMSuspendDisk: { clv_register_domain_pmsuspend_disk($0, EventCallbacks.domainPowerManagement, $1, $2) },
        .domainDeviceRemoved: { clv_register_domain_device_removed($0, EventCallbacks.domainDevice, $1, $2) },
        .domainBlockJob: { clv_register_domain_block_job_2($0, EventCallbacks.domainBlockJob, $1, $2) },
        .domainTunable: { clv_register_domain_tunable($0, EventCallbacks.domainParameters, $1, $2) },
        .domainAgentLifecycle: { clv_register_domain_agent_lifecycle($0, EventCallbacks.domainAgentLifecycle, $1, $2) },
        .domainDeviceAdded: { clv_register_domain_device_added($0, EventCallbacks.domainDevice, $1, $2) },
        .domainMigrationIteration: {
            clv_register_domain_migration_iteration($0, EventCallbacks.domainMigrationIteration, $1, $2)
        },
        .domainJobCompleted: { clv_register_domain_job_completed($0, EventCallbacks.domainParameters, $1, $2) },
        .domainDeviceRemovalFailed: {
            clv_register_domain_device_removal_failed($0, EventCallbacks.domainDevice, $1, $2)
        },
        .domainMetadataChange: { clv_register_domain_metadata_change($0, EventCallbacks.domainMetadataChange, $1, $2) },
        .domainBlockThreshold: { clv_register_domain_block_threshold($0, EventCallbacks.domainBlockThreshold, $1, $2) },
        .domainMemoryFailure: { clv_register_domain_memory_failure($0, EventCallbacks.domainMemoryFailure, $1, $2) },
        .domainMemoryDeviceSizeChange: {
            clv_register_domain_memory_device_size_change($0, EventCallbacks.domainMemoryDeviceSizeChange, $1, $2)
        },
        .domainNICMACChange: { clv_register_domain_nic_mac_change($0, EventCallbacks.domainNICMACChange, $1, $2) },
        .domainVCPURemoved: { clv_register_domain_vcpu_removed($0, EventCallbacks.domainVCPURemoved, $1, $2) },
        .domainChannelLifecycle: {
            clv_register_domain_channel_lifecycle($0, EventCallbacks.domainChannelLifecycle, $1, $2)
        },
        .networkLifecycle: { clv_register_network_lifecycle($0, EventCallbacks.networkLifecycle, $1, $2) },
        .networkMetadataChange: {
            clv_register_network_metadata_change($0, EventCallbacks.networkMetadataChange, $1, $2)
        },
        .poolLifecycle: { clv_register_pool_lifecycle($0, EventCallbacks.poolLifecycle, $1, $2) },
        .poolRefresh: { clv_register_pool_refresh($0, EventCallbacks.poolPlain, $1, $2) },
        .nodedevLifecycle: { clv_register_nodedev_lifecycle($0, EventCallbacks.nodedevLifecycle, $1, $2) },
        .nodedevUpdate: { clv_register_nodedev_update($0, EventCallbacks.nodedevPlain, $1, $2) },
        .secretLifecycle: { clv_register_secret_lifecycle($0, EventCallbacks.secretLifecycle, $1, $2) },
        .secretValueChanged: { clv_register_secret_value_changed($0, EventCallbacks.secretPlain, $1, $2) },
    ]
}
