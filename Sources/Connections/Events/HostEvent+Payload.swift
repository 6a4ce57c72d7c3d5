extension HostEvent {
    /// What a kind carries beyond its subject, as libvirt's numbers; `nil` where libvirt gave NULL.
    ///
    /// Texts come from guests, their owners and the host; how long they may get says ``EventLimits``.
    package enum Payload: Hashable, Sendable {
        case plain
        case lifecycle(event: Int32, detail: Int32)

        /// The guest's clock against UTC, in seconds.
        case rtcChange(utcOffset: Int64)
        case watchdog(action: Int32)

        /// `path` of the disk's source; `reason` only where the host tells one, for example `enospc`.
        case ioError(path: String?, device: String?, action: Int32, reason: String?)
        indirect case graphics(Graphics)

        /// `disk` is the target (`vda`), or for ``EventKind/domainBlockJobByPath`` the path of its source.
        case blockJob(disk: String?, type: Int32, status: Int32)
        case diskChange(oldPath: String?, newPath: String?, device: String?, reason: Int32)
        case trayChange(device: String?, reason: Int32)

        /// Asleep or awake; libvirt has no reason yet and says 0.
        case powerManagement(reason: Int32)

        /// The balloon's size in KiB.
        case balloonChange(actual: UInt64)

        /// Added, removed, or still there.
        case device(String?)

        /// What was tuned, or what a job came to.
        case parameters([Parameter])
        case agentLifecycle(state: Int32, reason: Int32)
        case migrationIteration(Int32)

        /// `nsuri` is the namespace of an element.
        case metadataChange(type: Int32, nsuri: String?)

        /// Both in bytes; `excess` is 0 where the hypervisor does not tell.
        case blockThreshold(device: String?, path: String?, threshold: UInt64, excess: UInt64)
        case memoryFailure(recipient: Int32, action: Int32, flags: UInt32)

        /// The size in KiB.
        case memoryDeviceSize(device: String?, size: UInt64)
        case macChange(device: String?, old: String?, new: String?)
        case vcpuRemoved(id: UInt32)
        case channelLifecycle(channel: String?, state: Int32, reason: Int32)
    }

    /// Somebody at a domain's screen.
    package struct Graphics: Hashable, Sendable {
        package struct Address: Hashable, Sendable {
            package let family: Int32
            package let node: String?
            package let service: String?

            package init(family: Int32, node: String?, service: String?) {
                self.family = family
                self.node = node
                self.service = service
            }
        }

        package struct Identity: Hashable, Sendable {
            package let type: String?
            package let name: String?

            package init(type: String?, name: String?) {
                self.type = type
                self.name = name
            }
        }

        package let phase: Int32
        package let local: Address?
        package let remote: Address?
        package let authScheme: String?
        package let subject: [Identity]

        package init(phase: Int32, local: Address?, remote: Address?, authScheme: String?, subject: [Identity]) {
            self.phase = phase
            self.local = local
            self.remote = remote
            self.authScheme = authScheme
            self.subject = subject
        }
    }

    /// A typed parameter: a name that libvirt documents for the event, and a plain value.
    package struct Parameter: Hashable, Sendable {
        package enum Value: Hashable, Sendable {
            case int(Int64)
            case uint(UInt64)
            case double(Double)
            case bool(Bool)
            case text(String)

            /// A text that is NULL, or a type this build does not know.
            case none
        }

        package let name: String
        package let value: Value

        package init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }
}
