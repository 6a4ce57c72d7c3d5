import CLibvirt
import Glibc
import TestSupport

@testable import Connections

/// Calls our C callbacks as libvirt does, with handles of real connections, and says what came of it.
final class CallbackCaller {
    let handles: LibvirtHandles
    private var texts: [UnsafeMutablePointer<CChar>] = []

    init(_ handles: LibvirtHandles) {
        self.handles = handles
    }

    deinit {
        for text in texts { free(text) }
    }

    /// The event that a callback makes of its arguments, given as libvirt-python has them; `nil` for a constant this
    /// does not know.
    func event(_ kind: EventKind, _ constant: String, _ arguments: [JSONValue]) -> HostEvent? {
        let events = Locked<[HostEvent]>([])
        let inlet = ConnectionInlet(
            generation: 0,
            inFlight: InFlight(),
            now: { Timestamp(microseconds: 0) },
            post: { delivery in
                if case .event(_, let event) = delivery { events.withLock { $0.append(event) } }
            }
        )
        let box = CallbackBox(kind: kind, inlet: inlet)
        let isKnown = withExtendedLifetime(box) {
            call(constant, Arguments(values: arguments, text: text), Unmanaged.passUnretained(box).toOpaque())
        }
        return isKnown ? events.withLock(\.last) : nil
    }

    /// What stands in the place of libvirt-python's arguments.
    struct Arguments {
        let values: [JSONValue]
        let text: (JSONValue) -> UnsafeMutablePointer<CChar>?

        func int(_ index: Int) -> Int32 { Int32(values[index].integer ?? 0) }
        func string(_ index: Int) -> UnsafeMutablePointer<CChar>? { text(values[index]) }
    }

    /// Lives as long as this does.
    private func text(_ value: JSONValue) -> UnsafeMutablePointer<CChar>? {
        guard let string = value.string, let copy = strdup(string) else { return nil }
        texts.append(copy)
        return copy
    }

    private func call(_ constant: String, _ it: Arguments, _ opaque: UnsafeMutableRawPointer) -> Bool {
        let domain = handles.domain
        typealias Call = EventCallbacks
        switch constant {
        case "VIR_DOMAIN_EVENT_ID_LIFECYCLE": _ = Call.domainLifecycle(nil, domain, it.int(0), it.int(1), opaque)
        case "VIR_DOMAIN_EVENT_ID_REBOOT", "VIR_DOMAIN_EVENT_ID_CONTROL_ERROR": Call.domainPlain(nil, domain, opaque)
        case "VIR_DOMAIN_EVENT_ID_RTC_CHANGE": Call.domainRTCChange(nil, domain, Int64(it.int(0)), opaque)
        case "VIR_DOMAIN_EVENT_ID_WATCHDOG": Call.domainWatchdog(nil, domain, it.int(0), opaque)
        case "VIR_DOMAIN_EVENT_ID_GRAPHICS": graphics(it, opaque)
        case "VIR_DOMAIN_EVENT_ID_IO_ERROR":
            Call.domainIOErrorWithoutReason(nil, domain, it.string(0), it.string(1), it.int(2), opaque)
        case "VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON":
            Call.domainIOError(nil, domain, it.string(0), it.string(1), it.int(2), it.string(3), opaque)
        case "VIR_DOMAIN_EVENT_ID_BLOCK_JOB", "VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2":
            Call.domainBlockJob(nil, domain, it.string(0), it.int(1), it.int(2), opaque)
        case "VIR_DOMAIN_EVENT_ID_DISK_CHANGE":
            Call.domainDiskChange(nil, domain, it.string(0), it.string(1), it.string(2), it.int(3), opaque)
        case "VIR_DOMAIN_EVENT_ID_TRAY_CHANGE": Call.domainTrayChange(nil, domain, it.string(0), it.int(1), opaque)
        case "VIR_DOMAIN_EVENT_ID_PMWAKEUP", "VIR_DOMAIN_EVENT_ID_PMSUSPEND", "VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK":
            Call.domainPowerManagement(nil, domain, it.int(0), opaque)
        case "VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE": Call.domainBalloonChange(nil, domain, UInt64(it.int(0)), opaque)
        case "VIR_DOMAIN_EVENT_ID_DEVICE_ADDED", "VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED",
            "VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED":
            Call.domainDevice(nil, domain, it.string(0), opaque)
        case "VIR_DOMAIN_EVENT_ID_TUNABLE", "VIR_DOMAIN_EVENT_ID_JOB_COMPLETED": parameters(it, opaque)
        case "VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE":
            Call.domainAgentLifecycle(nil, domain, it.int(0), it.int(1), opaque)
        case "VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION": Call.domainMigrationIteration(nil, domain, it.int(0), opaque)
        case "VIR_DOMAIN_EVENT_ID_METADATA_CHANGE":
            Call.domainMetadataChange(nil, domain, it.int(0), it.string(1), opaque)
        case "VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD":
            Call.domainBlockThreshold(
                nil,
                domain,
                it.string(0),
                it.string(1),
                UInt64(it.int(2)),
                UInt64(it.int(3)),
                opaque
            )
        case "VIR_NETWORK_EVENT_ID_LIFECYCLE":
            Call.networkLifecycle(nil, handles.network, it.int(0), it.int(1), opaque)
        case "VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE":
            Call.poolLifecycle(nil, handles.pool, it.int(0), it.int(1), opaque)
        case "VIR_STORAGE_POOL_EVENT_ID_REFRESH": Call.poolPlain(nil, handles.pool, opaque)
        case "VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE":
            Call.nodedevLifecycle(nil, handles.nodedev, it.int(0), it.int(1), opaque)
        case "VIR_NODE_DEVICE_EVENT_ID_UPDATE": Call.nodedevPlain(nil, handles.nodedev, opaque)
        case "VIR_SECRET_EVENT_ID_LIFECYCLE":
            Call.secretLifecycle(nil, handles.secret, it.int(0), it.int(1), opaque)
        case "VIR_SECRET_EVENT_ID_VALUE_CHANGED": Call.secretPlain(nil, handles.secret, opaque)
        default: return false
        }
        return true
    }

    private func graphics(_ it: Arguments, _ opaque: UnsafeMutableRawPointer) {
        var addresses = [1, 2].map { index in
            virDomainEventGraphicsAddress(
                family: Int32(it.values[index]["family"]?.integer ?? 0),
                node: text(it.values[index]["node"] ?? .null),
                service: text(it.values[index]["service"] ?? .null)
            )
        }
        var identities = (it.values[4].array ?? []).compactMap(\.array).map { pair in
            virDomainEventGraphicsSubjectIdentity(type: text(pair[0]), name: text(pair[1]))
        }
        addresses.withUnsafeMutableBufferPointer { addresses in
            identities.withUnsafeMutableBufferPointer { identities in
                var subject = virDomainEventGraphicsSubject(
                    nidentity: Int32(identities.count),
                    identities: identities.baseAddress
                )
                guard let first = addresses.baseAddress else { return }
                EventCallbacks.domainGraphics(
                    nil,
                    handles.domain,
                    it.int(0),
                    first,
                    first + 1,
                    it.string(3),
                    &subject,
                    opaque
                )
            }
        }
    }

    private func parameters(_ it: Arguments, _ opaque: UnsafeMutableRawPointer) {
        var parameters: virTypedParameterPtr?
        var count: Int32 = 0
        var capacity: Int32 = 0
        for (name, value) in it.values[0].object ?? [:] {
            virTypedParamsAddULLong(&parameters, &count, &capacity, name, UInt64(value.integer ?? 0))
        }
        EventCallbacks.domainParameters(nil, handles.domain, parameters, count, opaque)
        virTypedParamsFree(parameters, count)
    }
}
