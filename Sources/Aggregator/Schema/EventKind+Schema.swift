internal import Connections

/// What each kind carries, and what it means; ``EventMapping`` writes it.
extension EventKind {
    /// The fields of the object an event is about.
    static func subject(of object: Object) -> [SchemaField] {
        let name = SchemaField("name", .text)
        let uuid = SchemaField("uuid", .pattern("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"))
        return switch object {
        case .domain: [name, SchemaField("id", .integer, "-1 for a domain that does not run"), uuid]
        case .network, .pool: [name, uuid]
        case .nodedev: [name]
        case .secret: [uuid]
        }
    }

    /// The fields beyond `uri`, the object and `event`.
    var payload: [SchemaField] {
        switch self {
        case .domainLifecycle:
            [
                SchemaField(
                    "detail",
                    .word(EventWords.allDomainDetails),
                    "how it came about: "
                        + zip(EventWords.lifecycle(.domain).words, EventWords.domainDetails)
                        .map { "\($0 ?? ""): \($1.words.compactMap(\.self).joined(separator: ", "))" }
                        .joined(separator: "; ")
                )
            ]
        case .networkLifecycle, .poolLifecycle, .nodedevLifecycle, .secretLifecycle:
            [SchemaField("detail", .word(.reserved), "libvirt has none yet")]
        case .domainRTCChange: [SchemaField("utcoffset", .integer, "the guest's clock against UTC, in seconds")]
        case .domainWatchdog: [SchemaField("action", .word(.watchdogAction))]
        case .domainIOError, .domainIOErrorWithoutReason:
            [
                SchemaField("srcPath", .orNull(.text)), Self.device, SchemaField("action", .word(.ioErrorAction)),
                SchemaField("reason", .orNull(.text), "for example enospc; null from a host too old to tell"),
            ]
        case .domainGraphics: Self.graphics
        case .domainBlockJob, .domainBlockJobByPath:
            [
                SchemaField("disk", .orNull(.text)), SchemaField("type", .word(.blockJobType)),
                SchemaField("status", .word(.blockJobStatus)),
                SchemaField(
                    "disk_form",
                    .choice(["target", "path"]),
                    "what disk is: a target (vda), or from a host too old for that the path of its source"
                ),
            ]
        case .domainDiskChange:
            [
                SchemaField("oldSrcPath", .orNull(.text)), SchemaField("newSrcPath", .orNull(.text)), Self.device,
                SchemaField("reason", .word(.diskChangeReason)),
            ]
        case .domainTrayChange: [Self.device, SchemaField("reason", .word(.trayChangeReason))]
        case .domainPMWakeup, .domainPMSuspend, .domainPMSuspendDisk:
            [SchemaField("reason", .word(.reserved), "libvirt has none yet")]
        case .domainBalloonChange: [SchemaField("actual", .integer, "the balloon's size, in KiB")]
        case .domainDeviceAdded, .domainDeviceRemoved, .domainDeviceRemovalFailed: [Self.device]
        case .domainTunable: [SchemaField("params", .map(.plain), "what was tuned: cputune.*, blkdeviotune.*")]
        case .domainJobCompleted:
            [SchemaField("params", .map(.plain), "what the job came to; operation is libvirt's number")]
        case .domainAgentLifecycle:
            [SchemaField("state", .word(.agentState)), SchemaField("reason", .word(.agentReason))]
        case .domainMigrationIteration: [SchemaField("iteration", .integer)]
        case .domainMetadataChange, .networkMetadataChange:
            [
                SchemaField("type", .word(.metadataType)),
                SchemaField("nsuri", .orNull(.text), "the namespace of an element"),
            ]
        case .domainBlockThreshold:
            [
                SchemaField("dev", .orNull(.text), "the disk's target, or an element of its chain: vdb[2]"),
                SchemaField("path", .orNull(.text)), SchemaField("threshold", .integer, "bytes"),
                SchemaField("excess", .integer, "bytes written beyond it; 0 where the hypervisor does not tell"),
            ]
        case .domainMemoryFailure:
            [
                SchemaField("recipient", .word(.memoryFailureRecipient)),
                SchemaField("action", .word(.memoryFailureAction)),
                SchemaField("flags", .list(.word(.memoryFailureFlags)), "those that are set"),
            ]
        case .domainMemoryDeviceSizeChange: [Self.device, SchemaField("size", .integer, "KiB")]
        case .domainNICMACChange:
            [
                Self.device, SchemaField("oldMAC", .orNull(.text)),
                SchemaField("newMAC", .orNull(.text), "what the guest chose"),
            ]
        case .domainVCPURemoved: [SchemaField("vcpuid", .integer)]
        case .domainChannelLifecycle:
            [
                SchemaField("channelName", .orNull(.text)), SchemaField("state", .word(.channelState)),
                SchemaField("reason", .word(.channelReason)),
            ]
        default: []
        }
    }

    private static let device = SchemaField("dev", .orNull(.text), "the device's alias")

    private static let graphics: [SchemaField] = {
        let address = FieldType.object([
            SchemaField("family", .word(.addressFamily)), SchemaField("node", .orNull(.text)),
            SchemaField("service", .orNull(.text)),
        ])
        let identity = FieldType.object([
            SchemaField("type", .orNull(.text)), SchemaField("name", .orNull(.text)),
        ])
        return [
            SchemaField("phase", .word(.graphicsPhase)), SchemaField("local", .orNull(address)),
            SchemaField("remote", .orNull(address)), SchemaField("authScheme", .orNull(.text)),
            SchemaField("subject", .list(identity), "who it is, as far as they have said"),
        ]
    }()
}
