extension EventKind {
    /// Every kind libvirt has, 12.8 included, in the order of its ids.
    ///
    /// A test holds it against the API description of the libvirt it is built with.
    package static let table: [EventKind] = [
        domainLifecycle, domainReboot, domainRTCChange, domainWatchdog, domainIOErrorWithoutReason, domainGraphics,
        domainIOError, domainControlError, domainBlockJobByPath, domainDiskChange, domainTrayChange, domainPMWakeup,
        domainPMSuspend, domainBalloonChange, domainPMSuspendDisk, domainDeviceRemoved, domainBlockJob, domainTunable,
        domainAgentLifecycle, domainDeviceAdded, domainMigrationIteration, domainJobCompleted,
        domainDeviceRemovalFailed, domainMetadataChange, domainBlockThreshold, domainMemoryFailure,
        domainMemoryDeviceSizeChange, domainNICMACChange, domainVCPURemoved, domainChannelLifecycle, networkLifecycle,
        networkMetadataChange, poolLifecycle, poolRefresh, nodedevLifecycle, nodedevUpdate, secretLifecycle,
        secretValueChanged,
    ]

    /// The kinds that are asked for, in the order they are registered: all but the older forms of others.
    package static let all: [EventKind] = {
        let olderForms = table.compactMap(\.olderForm)
        return table.filter { !olderForms.contains($0) }
    }()

    package static let domainLifecycle = domain(0, "lifecycle", .init(0, 8))
    package static let domainReboot = domain(1, "reboot", .init(0, 8))
    package static let domainRTCChange = domain(2, "rtc_change", .init(0, 8))
    package static let domainWatchdog = domain(3, "watchdog", .init(0, 8))
    package static let domainIOErrorWithoutReason = domain(4, "io_error", .init(0, 8))
    package static let domainGraphics = domain(5, "graphics", .init(0, 8))
    package static let domainIOError = domain(6, "io_error", .init(0, 8, 1), older: 4)
    package static let domainControlError = domain(7, "control_error", .init(0, 9, 2))
    package static let domainBlockJobByPath = domain(8, "block_job", .init(0, 9, 4))
    package static let domainDiskChange = domain(9, "disk_change", .init(0, 9, 7))
    package static let domainTrayChange = domain(10, "tray_change", .init(0, 9, 11))
    package static let domainPMWakeup = domain(11, "pmwakeup", .init(0, 9, 11))
    package static let domainPMSuspend = domain(12, "pmsuspend", .init(0, 9, 11))
    package static let domainBalloonChange = domain(13, "balloon_change", .init(0, 10))
    package static let domainPMSuspendDisk = domain(14, "pmsuspend_disk", .init(1, 0))
    package static let domainDeviceRemoved = domain(15, "device_removed", .init(1, 1, 1))
    package static let domainBlockJob = domain(16, "block_job", .init(1, 2, 6), older: 8)
    package static let domainTunable = domain(17, "tunable", .init(1, 2, 9))
    package static let domainAgentLifecycle = domain(18, "agent_lifecycle", .init(1, 2, 11))
    package static let domainDeviceAdded = domain(19, "device_added", .init(1, 2, 15))
    package static let domainMigrationIteration = domain(20, "migration_iteration", .init(1, 3, 2))
    package static let domainJobCompleted = domain(21, "job_completed", .init(1, 3, 3))
    package static let domainDeviceRemovalFailed = domain(22, "device_removal_failed", .init(1, 3, 4))
    package static let domainMetadataChange = domain(23, "metadata_change", .init(3, 0))
    package static let domainBlockThreshold = domain(24, "block_threshold", .init(3, 2))
    package static let domainMemoryFailure = domain(25, "memory_failure", .init(6, 9))
    package static let domainMemoryDeviceSizeChange = domain(26, "memory_device_size_change", .init(7, 9))
    package static let domainNICMACChange = domain(27, "nic_mac_change", .init(11, 2))
    package static let domainVCPURemoved = domain(28, "vcpu_removed", .init(12, 4))
    package static let domainChannelLifecycle = domain(29, "channel_lifecycle", .init(12, 4))
    package static let networkLifecycle = network(0, "lifecycle", .init(1, 2, 1))
    package static let networkMetadataChange = network(1, "metadata_change", .init(9, 8))
    package static let poolLifecycle = pool(0, "lifecycle", .init(2, 0))
    package static let poolRefresh = pool(1, "refresh", .init(2, 0))
    package static let nodedevLifecycle = nodedev(0, "lifecycle", .init(2, 2))
    package static let nodedevUpdate = nodedev(1, "update", .init(2, 2))
    package static let secretLifecycle = secret(0, "lifecycle", .init(3, 0))
    package static let secretValueChanged = secret(1, "value_changed", .init(3, 0))

    private static func domain(_ id: Int32, _ name: String, _ since: LibvirtVersion, older: Int32? = nil) -> EventKind {
        EventKind(object: .domain, id: id, name: name, since: since, olderID: older)
    }

    private static func network(_ id: Int32, _ name: String, _ since: LibvirtVersion) -> EventKind {
        EventKind(object: .network, id: id, name: name, since: since, olderID: nil)
    }

    private static func pool(_ id: Int32, _ name: String, _ since: LibvirtVersion) -> EventKind {
        EventKind(object: .pool, id: id, name: name, since: since, olderID: nil)
    }

    private static func nodedev(_ id: Int32, _ name: String, _ since: LibvirtVersion) -> EventKind {
        EventKind(object: .nodedev, id: id, name: name, since: since, olderID: nil)
    }

    private static func secret(_ id: Int32, _ name: String, _ since: LibvirtVersion) -> EventKind {
        EventKind(object: .secret, id: id, name: name, since: since, olderID: nil)
    }
}
