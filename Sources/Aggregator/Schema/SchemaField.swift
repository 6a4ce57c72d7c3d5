internal import SaltBus

/// A field of an event, as JSON Schema and the docs describe it.
struct SchemaField: Sendable {
    let key: String
    let type: FieldType

    /// What it is, where the key does not say it all.
    let about: String

    /// Whether the key may be missing.
    let isOptional: Bool

    init(_ key: String, _ type: FieldType, _ about: String = "", isOptional: Bool = false) {
        self.key = key
        self.type = type
        self.about = about
        self.isOptional = isOptional
    }

    /// The schema of an object with these fields, and maybe more: keys may be added.
    static func object(_ fields: [SchemaField]) -> [DataField] {
        [
            DataField("type", "object"),
            DataField("properties", .fields(fields.map { DataField($0.key, $0.schema) })),
            DataField("required", .array(fields.filter { !$0.isOptional }.map { .string($0.key) })),
        ]
    }

    private var schema: MessagePackValue {
        guard case .map(let entries) = type.schema, !about.isEmpty else { return type.schema }
        return .map(entries + [.init(key: .string("description"), value: .string(about))])
    }
}
