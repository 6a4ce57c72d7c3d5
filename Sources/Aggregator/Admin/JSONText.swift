internal import Connections
internal import Foundation

/// JSON as the admin interface speaks it: snake_case keys in their order, no slash escaped.
enum JSONText {
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Nothing that is sent holds what JSON has no form for.
        guard let bytes = try? encoder.encode(value) else { return Array("{}".utf8) }
        let text = String(decoding: bytes, as: UTF8.self)
        return Array((text.unicodeScalars.contains(where: \.isControl) ? escaped(text) : text).utf8)
    }

    /// What would move a terminal's cursor, or turn its text, is written as a number; it stands in strings alone.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            guard scalar.isControl, scalar.value <= 0xFFFF else { return escaped.unicodeScalars.append(scalar) }
            let digits = String(scalar.value, radix: 16)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
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
