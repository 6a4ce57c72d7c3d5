internal import Foundation

/// JSON as the admin interface speaks it: snake_case keys in their order, no slash escaped.
enum JSONText {
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Nothing that is sent holds what JSON has no form for.
        return (try? encoder.encode(value)).map { Array($0) } ?? Array("{}".utf8)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(bytes))
    }

    /// An object whose values are texts, or nothing, which is left out; `nil` for anything else.
    static func object(_ bytes: [UInt8]) -> [String: String]? {
        (try? JSONDecoder().decode([String: String?].self, from: Data(bytes)))?.compactMapValues(\.self)
    }
}
