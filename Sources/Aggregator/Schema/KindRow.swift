internal import Connections
internal import SaltBus

/// A row of the table of libvirt's events.
struct KindRow: Sendable {
    static let head = ["OBJECT", "NAME", "ID", "SINCE", "ENGINE", "PAYLOAD"]

    let kind: EventKind

    static let all = EventKind.table.map(KindRow.init)

    private var payload: [String] { kind.payload.map(\.key) }

    /// For people.
    var cells: [String] {
        [
            kind.object.rawValue, kind.name, "\(kind.id)", "\(kind.since)", kind.isOfEngine ? "yes" : "-",
            payload.isEmpty ? "-" : payload.joined(separator: " "),
        ]
    }

    /// For programs: `engine` says whether Salt's engine relays it, `payload` has the keys beyond `uri`, the object and
    /// `event`.
    var value: MessagePackValue {
        .fields([
            DataField("object", kind.object.rawValue), DataField("name", kind.name),
            DataField("id", .int(Int64(kind.id))), DataField("since", "\(kind.since)"),
            DataField("engine", .bool(kind.isOfEngine)),
            DataField("payload", .array(payload.map { .string($0) })),
        ])
    }
}
