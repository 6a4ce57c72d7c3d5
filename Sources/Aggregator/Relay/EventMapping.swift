internal import Connections
internal import SaltBus

/// Writes a libvirt event's data as the Salt engine names and orders it.
///
/// The keys and words are the contract with reactors that were written for the engine.
enum EventMapping {
    /// How many entries ``encode(_:uri:into:)`` writes.
    static func entries(of event: HostEvent) -> Int {
        switch event.payload {
        case .plain: 3
        case .lifecycle: 4
        case .metadataChange: 5
        }
    }

    /// Writes `uri`, the object, `event` and what the kind carries beyond.
    static func encode(_ event: HostEvent, uri: String, into encoder: inout MessagePackEncoder) {
        encoder.string("uri")
        encoder.string(uri)
        encoder.string(event.kind.object.rawValue)
        encode(event.subject, into: &encoder)
        encoder.string("event")
        switch event.payload {
        case .plain:
            encoder.string(event.kind.name)
        case .lifecycle(let number, let detail):
            let object = event.kind.object
            encoder.string(EventWords.lifecycle(object, event: number))
            encoder.string("detail")
            encoder.string(EventWords.lifecycleDetail(object, event: number, detail: detail))
        case .metadataChange(let type, let nsuri):
            encoder.string(event.kind.name)
            encoder.string("type")
            encoder.string(EventWords.metadata(type: type))
            encoder.string("nsuri")
            if let nsuri { encoder.string(nsuri) } else { encoder.null() }
        }
    }

    private static func encode(_ subject: HostEvent.Subject, into encoder: inout MessagePackEncoder) {
        switch subject {
        case .domain(let name, let id, let uuid):
            encoder.map(3)
            encoder.string("name")
            encoder.string(name)
            encoder.string("id")
            encoder.int(Int64(id))
            encoder.string("uuid")
            encoder.string(uuid.description)
        case .network(let name, let uuid), .pool(let name, let uuid):
            encoder.map(2)
            encoder.string("name")
            encoder.string(name)
            encoder.string("uuid")
            encoder.string(uuid.description)
        case .nodedev(let name):
            encoder.map(1)
            encoder.string("name")
            encoder.string(name)
        case .secret(let uuid):
            encoder.map(1)
            encoder.string("uuid")
            encoder.string(uuid.description)
        }
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
