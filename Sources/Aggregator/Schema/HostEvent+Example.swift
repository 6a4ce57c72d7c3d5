internal import Connections

extension HostEvent {
    /// An event of a kind as it may come, for schemas and docs.
    static func example(of kind: EventKind) -> HostEvent {
        HostEvent(kind: kind, subject: subject(of: kind.object), payload: payload(of: kind), observed: .example)
    }

    private static func subject(of object: EventKind.Object) -> Subject {
        let uuid = ObjectUUID(bytes: [
            0xC4, 0x6E, 0x14, 0x22, 0x6A, 0x32, 0x4B, 0x7B, 0x95, 0x35, 0x48, 0xFE, 0x52, 0xD5, 0xC9, 0xAC,
        ])
        return switch object {
        case .domain: .domain(name: "web", id: 7, uuid: uuid)
        case .network: .network(name: "front", uuid: uuid)
        case .pool: .pool(name: "images", uuid: uuid)
        case .nodedev: .nodedev(name: "net_br7_52_54_00_aa_bb_07")
        case .secret: .secret(uuid: uuid)
        }
    }

    private static func payload(of kind: EventKind) -> Payload {
        let disk = "/var/lib/libvirt/images/web.qcow2"
        return switch kind {
        case .domainLifecycle, .networkLifecycle, .poolLifecycle: .lifecycle(event: 2, detail: 0)
        case .nodedevLifecycle, .secretLifecycle: .lifecycle(event: 0, detail: 0)
        case .domainRTCChange: .rtcChange(utcOffset: -3_600)
        case .domainWatchdog: .watchdog(action: 2)
        case .domainIOError: .ioError(path: disk, device: "virtio-disk0", action: 1, reason: "enospc")
        case .domainIOErrorWithoutReason: .ioError(path: disk, device: "virtio-disk0", action: 1, reason: nil)
        case .domainGraphics:
            .graphics(
                Graphics(
                    phase: 1,
                    local: Graphics.Address(family: 0, node: "127.0.0.1", service: "5900"),
                    remote: Graphics.Address(family: 0, node: "127.0.0.1", service: "41526"),
                    authScheme: "vnc",
                    subject: []
                )
            )
        case .domainBlockJob: .blockJob(disk: "vda", type: 2, status: 3)
        case .domainBlockJobByPath: .blockJob(disk: disk, type: 2, status: 3)
        case .domainDiskChange:
            .diskChange(oldPath: "/isos/gone.iso", newPath: nil, device: "ide0-1-0", reason: 0)
        case .domainTrayChange: .trayChange(device: "ide0-1-0", reason: 0)
        case .domainPMWakeup, .domainPMSuspend, .domainPMSuspendDisk: .powerManagement(reason: 0)
        case .domainBalloonChange: .balloonChange(actual: 1_048_576)
        case .domainDeviceAdded, .domainDeviceRemoved, .domainDeviceRemovalFailed: .device("net1")
        case .domainTunable:
            .parameters([
                Parameter(name: "blkdeviotune.disk", value: .text("vda")),
                Parameter(name: "blkdeviotune.total_iops_sec", value: .uint(100)),
            ])
        case .domainJobCompleted:
            .parameters([
                Parameter(name: "operation", value: .int(2)), Parameter(name: "time_elapsed", value: .uint(55)),
                Parameter(name: "success", value: .bool(true)),
            ])
        case .domainAgentLifecycle: .agentLifecycle(state: 1, reason: 2)
        case .domainMigrationIteration: .migrationIteration(3)
        case .domainMetadataChange, .networkMetadataChange: .metadataChange(type: 2, nsuri: "http://example.net/app")
        case .domainBlockThreshold:
            .blockThreshold(device: "vda", path: disk, threshold: 1_073_741_824, excess: 65_536)
        case .domainMemoryFailure: .memoryFailure(recipient: 1, action: 1, flags: 1)
        case .domainMemoryDeviceSizeChange: .memoryDeviceSize(device: "virtiomem0", size: 65_536)
        case .domainNICMACChange: .macChange(device: "net0", old: "52:54:00:aa:bb:01", new: "52:54:00:aa:bb:02")
        case .domainVCPURemoved: .vcpuRemoved(id: 3)
        case .domainChannelLifecycle: .channelLifecycle(channel: "org.qemu.guest_agent.0", state: 1, reason: 2)
        default: .plain
        }
    }
}

extension Timestamp {
    /// When the examples of schemas and docs take place.
    static let example = Timestamp(microseconds: 1_795_336_099_265_359)
}
