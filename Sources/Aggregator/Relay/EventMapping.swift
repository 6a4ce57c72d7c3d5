internal import Connections
internal import SaltBus

/// Names and orders a libvirt event's data as the Salt engine does.
///
/// The keys and words are the contract with reactors that were written for the engine; ``EventSchema`` describes them.
enum EventMapping {
    /// The data without what we add to it: `uri`, the object, `event`, and what the kind carries beyond.
    ///
    /// - Parameter uri: Printable ASCII, as a ``LibvirtURI`` is.
    static func fields(of event: HostEvent, uri: String) -> [DataField] {
        var all = [
            DataField("uri", .string(uri)),
            DataField(event.kind.object.rawValue, .fields(fields(of: event.subject))),
            DataField("event", .string(word(of: event))),
        ]
        all += payload(of: event)
        return all
    }

    /// The value of `event`: what happened in the object's life, or the name of the kind.
    static func word(of event: HostEvent) -> String {
        guard case .lifecycle(let number, _) = event.payload else { return event.kind.name }
        return EventWords.lifecycle(event.kind.object)[number]
    }

    private static func fields(of subject: HostEvent.Subject) -> [DataField] {
        switch subject {
        case .domain(let name, let id, let uuid):
            [
                DataField("name", .string(name)), DataField("id", .int(Int64(id))),
                DataField("uuid", .string(uuid.description)),
            ]
        case .network(let name, let uuid), .pool(let name, let uuid):
            [DataField("name", .string(name)), DataField("uuid", .string(uuid.description))]
        case .nodedev(let name): [DataField("name", .string(name))]
        case .secret(let uuid): [DataField("uuid", .string(uuid.description))]
        }
    }

    private static func payload(of event: HostEvent) -> [DataField] {
        switch event.payload {
        case .plain: []
        case .lifecycle(let number, let detail):
            [word("detail", EventWords.lifecycleDetail(event.kind.object, event: number), detail)]
        case .rtcChange(let offset): [DataField("utcoffset", .int(offset))]
        case .watchdog(let action): [word("action", .watchdogAction, action)]
        case .ioError(let path, let device, let action, let reason):
            [
                DataField("srcPath", path), DataField("dev", device), word("action", .ioErrorAction, action),
                DataField("reason", reason),
            ]
        case .graphics(let graphics): fields(of: graphics)
        case .blockJob(let disk, let type, let status):
            [
                DataField("disk", disk), word("type", .blockJobType, type), word("status", .blockJobStatus, status),
                DataField("disk_form", .string(event.kind == .domainBlockJobByPath ? "path" : "target")),
            ]
        case .diskChange(let old, let new, let device, let reason):
            [
                DataField("oldSrcPath", old), DataField("newSrcPath", new), DataField("dev", device),
                word("reason", .diskChangeReason, reason),
            ]
        case .trayChange(let device, let reason): [DataField("dev", device), word("reason", .trayChangeReason, reason)]
        case .powerManagement(let reason): [word("reason", .reserved, reason)]
        case .balloonChange(let actual): [DataField("actual", .number(actual))]
        case .device(let device): [DataField("dev", device)]
        case .parameters(let parameters): [DataField("params", .fields(parameters.map(field)))]
        case .agentLifecycle(let state, let reason):
            [word("state", .agentState, state), word("reason", .agentReason, reason)]
        case .migrationIteration(let iteration): [DataField("iteration", .int(Int64(iteration)))]
        case .metadataChange(let type, let nsuri): [word("type", .metadataType, type), DataField("nsuri", nsuri)]
        case .blockThreshold(let device, let path, let threshold, let excess):
            [
                DataField("dev", device), DataField("path", path), DataField("threshold", .number(threshold)),
                DataField("excess", .number(excess)),
            ]
        case .memoryFailure(let recipient, let action, let flags):
            [
                word("recipient", .memoryFailureRecipient, recipient), word("action", .memoryFailureAction, action),
                DataField("flags", .array(EventWords.memoryFailureFlags.flags(flags).map { .string($0) })),
            ]
        case .memoryDeviceSize(let device, let size): [DataField("dev", device), DataField("size", .number(size))]
        case .macChange(let device, let old, let new):
            [DataField("dev", device), DataField("oldMAC", old), DataField("newMAC", new)]
        case .vcpuRemoved(let id): [DataField("vcpuid", .int(Int64(id)))]
        case .channelLifecycle(let channel, let state, let reason):
            [
                DataField("channelName", channel), word("state", .channelState, state),
                word("reason", .channelReason, reason),
            ]
        }
    }

    private static func word(_ key: String, _ words: EventWords, _ number: Int32) -> DataField {
        DataField(key, .string(words[number]))
    }

    private static func fields(of graphics: HostEvent.Graphics) -> [DataField] {
        [
            word("phase", .graphicsPhase, graphics.phase), DataField("local", address(graphics.local)),
            DataField("remote", address(graphics.remote)), DataField("authScheme", graphics.authScheme),
            DataField(
                "subject",
                .array(graphics.subject.map { .fields([DataField("type", $0.type), DataField("name", $0.name)]) })
            ),
        ]
    }

    private static func address(_ address: HostEvent.Graphics.Address?) -> MessagePackValue {
        guard let address else { return .null }
        return .fields([
            word("family", .addressFamily, address.family), DataField("node", address.node),
            DataField("service", address.service),
        ])
    }

    private static func field(_ parameter: HostEvent.Parameter) -> DataField {
        switch parameter.value {
        case .int(let value): DataField(parameter.name, .int(value))
        case .uint(let value): DataField(parameter.name, .number(value))
        case .double(let value): DataField(parameter.name, .double(value))
        case .bool(let value): DataField(parameter.name, .bool(value))
        case .text(let value): DataField(parameter.name, .string(value))
        case .none: DataField(parameter.name, .null)
        }
    }
}

extension MessagePackValue {
    /// A number as it would be decoded: `uint` is for what does not fit `int`.
    fileprivate static func number(_ value: UInt64) -> MessagePackValue {
        Int64(exactly: value).map { .int($0) } ?? .uint(value)
    }
}

extension HostEvent.Subject {
    /// What the journal may find the event by: the name, or the UUID of what has none.
    var key: String {
        switch self {
        case .domain(let name, _, _), .network(let name, _), .pool(let name, _), .nodedev(let name): name
        case .secret(let uuid): uuid.description
        }
    }
}
