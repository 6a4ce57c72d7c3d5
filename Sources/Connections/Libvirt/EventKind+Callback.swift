internal import CLibvirt

extension EventKind {
    /// What libvirt calls for an event of this kind; a test holds that every row of the table has it.
    var callback: EventCallback? { Self.callbacks[self] }

    /// Takes a callback back: a round trip to the host.
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

    private static let callbacks: [EventKind: EventCallback] = [
        .domainLifecycle: .domainLifecycle(EventCallbacks.domainLifecycle),
        .domainReboot: .domain(EventCallbacks.domainPlain),
        .domainRTCChange: .domainLLong(EventCallbacks.domainRTCChange),
        .domainWatchdog: .domainInt(EventCallbacks.domainWatchdog),
        .domainIOErrorWithoutReason: .domainTextTextInt(EventCallbacks.domainIOErrorWithoutReason),
        .domainGraphics: .domainGraphics(EventCallbacks.domainGraphics),
        .domainIOError: .domainTextTextIntText(EventCallbacks.domainIOError),
        .domainControlError: .domain(EventCallbacks.domainPlain),
        .domainBlockJobByPath: .domainTextIntInt(EventCallbacks.domainBlockJob),
        .domainDiskChange: .domainTextTextTextInt(EventCallbacks.domainDiskChange),
        .domainTrayChange: .domainTextInt(EventCallbacks.domainTrayChange),
        .domainPMWakeup: .domainInt(EventCallbacks.domainPowerManagement),
        .domainPMSuspend: .domainInt(EventCallbacks.domainPowerManagement),
        .domainBalloonChange: .domainULLong(EventCallbacks.domainBalloonChange),
        .domainPMSuspendDisk: .domainInt(EventCallbacks.domainPowerManagement),
        .domainDeviceRemoved: .domainText(EventCallbacks.domainDevice),
        .domainBlockJob: .domainTextIntInt(EventCallbacks.domainBlockJob),
        .domainTunable: .domainParameters(EventCallbacks.domainParameters),
        .domainAgentLifecycle: .domainIntInt(EventCallbacks.domainAgentLifecycle),
        .domainDeviceAdded: .domainText(EventCallbacks.domainDevice),
        .domainMigrationIteration: .domainInt(EventCallbacks.domainMigrationIteration),
        .domainJobCompleted: .domainParameters(EventCallbacks.domainParameters),
        .domainDeviceRemovalFailed: .domainText(EventCallbacks.domainDevice),
        .domainMetadataChange: .domainIntText(EventCallbacks.domainMetadataChange),
        .domainBlockThreshold: .domainTextTextULLongULLong(EventCallbacks.domainBlockThreshold),
        .domainMemoryFailure: .domainIntIntUInt(EventCallbacks.domainMemoryFailure),
        .domainMemoryDeviceSizeChange: .domainTextULLong(EventCallbacks.domainMemoryDeviceSizeChange),
        .domainNICMACChange: .domainTextTextText(EventCallbacks.domainNICMACChange),
        .domainVCPURemoved: .domainUInt(EventCallbacks.domainVCPURemoved),
        .domainChannelLifecycle: .domainTextIntInt(EventCallbacks.domainChannelLifecycle),
        .networkLifecycle: .networkIntInt(EventCallbacks.networkLifecycle),
        .networkMetadataChange: .networkIntText(EventCallbacks.networkMetadataChange),
        .poolLifecycle: .poolIntInt(EventCallbacks.poolLifecycle),
        .poolRefresh: .pool(EventCallbacks.poolPlain),
        .nodedevLifecycle: .nodedevIntInt(EventCallbacks.nodedevLifecycle),
        .nodedevUpdate: .nodedev(EventCallbacks.nodedevPlain),
        .secretLifecycle: .secretIntInt(EventCallbacks.secretLifecycle),
        .secretValueChanged: .secret(EventCallbacks.secretPlain),
    ]
}
