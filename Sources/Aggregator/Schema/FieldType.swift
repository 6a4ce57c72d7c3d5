internal import Connections
internal import SaltBus

/// What a field of an event holds, as JSON Schema and the docs say it.
indirect enum FieldType: Sendable {
    case text
    case integer
    case number

    /// True; what is not so is left out.
    case truth

    /// A time, UTC, with microseconds and `Z`.
    case time

    /// A text of one form, as a regular expression.
    case pattern(String)

    /// One text, always.
    case constant(String)

    /// One of these.
    case choice([String])

    /// libvirt's word for a number, or `unknown-<n>`.
    case word(EventWords)
    case list(FieldType)
    case object([SchemaField])

    /// Keys that are not known beforehand.
    case map(FieldType)

    /// A text, a number, true or false, or null.
    case plain
    case orNull(FieldType)

    /// As JSON Schema, 2020-12.
    var schema: MessagePackValue {
        switch self {
        case .text: .fields([type("string")])
        case .integer: .fields([type("integer")])
        case .number: .fields([type("number")])
        case .truth: .fields([DataField("const", .bool(true))])
        case .time: FieldType.pattern(Self.clock + "Z$").schema
        case .pattern(let pattern): .fields([type("string"), DataField("pattern", pattern)])
        case .constant(let text): .fields([DataField("const", .string(text))])
        case .choice(let words): .fields([DataField("enum", .array(words.map { .string($0) }))])
        case .word(let words):
            .fields([
                DataField(
                    "anyOf",
                    .array([
                        FieldType.choice(words.words.compactMap(\.self)).schema,
                        .fields([type("string"), DataField("pattern", "^unknown-(-?[0-9]+)$")]),
                    ])
                )
            ])
        case .list(let item): .fields([type("array"), DataField("items", item.schema)])
        case .object(let fields): .fields(SchemaField.object(fields))
        case .map(let value): .fields([type("object"), DataField("additionalProperties", value.schema)])
        case .plain:
            .fields([DataField("type", .array(["string", "number", "boolean", "null"].map { .string($0) }))])
        case .orNull(let other):
            .fields([DataField("anyOf", .array([other.schema, .fields([type("null")])]))])
        }
    }

    /// What a time begins with.
    static let clock = #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"#

    private func type(_ name: String) -> DataField {
        DataField("type", name)
    }

    /// In a few words of Markdown.
    var brief: String {
        switch self {
        case .text: "text"
        case .integer: "integer"
        case .number: "number"
        case .truth: "`true`"
        case .time: "time"
        case .pattern: "text"
        case .constant(let text): "`\(text)`"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .word(let words): words.words.compactMap(\.self).map { "`\($0)`" }.joined(separator: ", ")
        case .list(let item): "list of \(item.brief)"
        case .object(let fields): "{" + fields.map { "`\($0.key)`: \($0.type.brief)" }.joined(separator: "; ") + "}"
        case .map(let value): "map to \(value.brief)"
        case .plain: "text, number, true or false, or null"
        case .orNull(let other): "\(other.brief), or null"
        }
    }
}
