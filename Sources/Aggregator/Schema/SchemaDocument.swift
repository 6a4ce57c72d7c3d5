internal import SaltBus

/// The schemas of all events in one: JSON Schema 2020-12 for the data of any event under our prefix.
enum SchemaDocument {
    /// Which JSON Schema it is in, and which form of which of our documents it is.
    static func head(_ name: String) -> [DataField] {
        [
            DataField("$schema", "https://json-schema.org/draft/2020-12/schema"),
            DataField("$id", .string("urn:virt-aggregator:events:\(EventSchema.version)\(name)")),
        ]
    }

    static func value(of schemas: [EventSchema]) -> MessagePackValue {
        .fields(
            head("") + [
                DataField("title", "Events of virt-aggregator \(Version.current)"),
                DataField(
                    "description",
                    "The data of an event; $defs has a schema for each ending of a tag. Keys may be added to any object."
                ),
                DataField(
                    "oneOf",
                    .array(schemas.map { .fields([DataField("$ref", "#/$defs/\($0.path.pointerToken)")]) })
                ),
                DataField("$defs", .fields(schemas.map { DataField($0.path, $0.schema) })),
            ]
        )
    }
}
