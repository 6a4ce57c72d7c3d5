internal import Connections
internal import SaltBus

/// One event as it goes out: what its tag ends in, what its data holds, and how that looks.
struct EventSchema: Sendable {
    /// The form of all of it; it grows when a key is taken away, renamed, or gets another type.
    ///
    /// A key that is added is no new form.
    static let version = 1

    /// The tag's last two segments: `object/event`.
    let path: String
    let about: String
    let isOfLibvirt: Bool

    /// All of the data.
    let fields: [SchemaField]

    /// Data as it may come; some events have more than one form.
    let examples: [MessagePackValue]

    /// Every event there is, libvirt's in the order of the table, then our own.
    ///
    /// - Throws: ``Tag/Malformed``, which the examples' own host does not give.
    static func all() throws(Tag.Malformed) -> [EventSchema] {
        var all: [EventSchema] = []
        for kind in EventKind.all { all.append(try EventSchema(kind)) }
        for own in OwnEvent.descriptions { all.append(try EventSchema(own)) }
        return all
    }

    private init(_ kind: EventKind) throws(Tag.Malformed) {
        path = kind.path
        isOfLibvirt = true
        let forms = [kind] + (kind.olderForm.map { [$0] } ?? [])
        about = "libvirt's " + forms.map(\.origin).joined(separator: ", or from a host that refuses it ")
        let event: FieldType =
            kind.name == "lifecycle" ? .word(.lifecycle(kind.object)) : .constant(kind.name)
        fields =
            [
                SchemaField(
                    "uri",
                    .text,
                    "of the connection, without user name; with its query in the engine's layout alone"
                ),
                SchemaField(kind.object.rawValue, .object(EventKind.subject(of: kind.object))),
                SchemaField("event", event),
            ] + kind.payload + Self.ofHosts
        var examples: [MessagePackValue] = []
        for form in forms { examples.append(try EventExample.data(of: .event(.example(of: form)))) }
        if kind.name == "lifecycle" {
            examples.append(
                try EventExample.data(of: .event(.example(of: kind)), synthetic: EventExample.synthesis)
            )
        }
        self.examples = examples
    }

    private init(_ own: OwnEvent.Description) throws(Tag.Malformed) {
        path = "\(own.object.rawValue)/\(own.name.rawValue)"
        about = own.about
        isOfLibvirt = false
        let envelope = own.object == .host ? Self.ofHosts : [Self.relay, Self.stamp]
        fields = [SchemaField("event", .constant(own.name.rawValue))] + own.fields + envelope
        examples = [try EventExample.data(of: own)]
    }

    private static let ofHosts = [
        SchemaField("host", .text, "the inventory's name of it"),
        SchemaField("labels", .map(.text), "the inventory's", isOptional: true), relay, stamp,
    ]

    private static let relay = SchemaField(
        "relay",
        .object([
            SchemaField(
                "id",
                .pattern("^[0-9a-f]{16}/[^/]+/[0-9]+$"),
                "the key for de-duplication: <instance>/<host or _>/<number>"
            ),
            SchemaField("observed", .time, "when it happened to us"),
            SchemaField("host_uuid", .text, "the hypervisor's own", isOptional: true),
            SchemaField(
                "synthetic",
                .object([
                    SchemaField("basis", .choice(Synthesis.Basis.allCases.map(\.rawValue)), "what showed it"),
                    SchemaField("from", .time),
                    SchemaField("to", .time, "it happened between these, if it did so once"),
                ]),
                "on an event that nobody told: it follows from how things were and how they are",
                isOptional: true
            ),
            SchemaField("unsafe", .list(.text), "JSON pointers to texts to beware of", isOptional: true),
            SchemaField("truncated", .list(.text), "JSON pointers to what was cut", isOptional: true),
            SchemaField(
                "replay",
                .truth,
                "true on a copy that was asked for; its id is that of the first time",
                isOptional: true
            ),
        ])
    )

    private static let stamp = SchemaField(
        "_stamp",
        .pattern(FieldType.clock + "([+]00:00)?$"),
        "when it was sent, as the master's own events have it"
    )

    /// As JSON Schema, 2020-12, to stand among others.
    var schema: MessagePackValue { .fields(parts) }

    /// The same as a document of its own.
    var document: MessagePackValue { .fields(SchemaDocument.head(":\(path)") + parts) }

    private var parts: [DataField] {
        [DataField("title", path), DataField("description", about)] + SchemaField.object(fields)
            + [DataField("examples", .array(examples))]
    }
}

extension EventKind {
    /// Where libvirt has it.
    fileprivate var origin: String { "\(object.rawValue) event \(id), since \(since)" }
}
