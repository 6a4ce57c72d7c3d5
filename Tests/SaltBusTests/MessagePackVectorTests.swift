import Foundation
import SaltBus
import Testing

/// A line of msgpack-vectors.jsonl; make-msgpack-vectors.py explains the form.
private struct Vector: Decodable {
    let value: Description
    let hex: String

    /// Everything that is to be encoded; for a repeated value `hex` holds the head alone.
    var bytes: [UInt8] { [UInt8](hex: hex) + value.tail }
}

private struct Description: Decodable {
    let value: MessagePackValue
    var tail: [UInt8] = []

    private struct Repeated: Decodable {
        let `repeat`: String
        let count: Int
    }

    init(from decoder: any Decoder) throws {
        var parts = try decoder.unkeyedContainer()
        switch try parts.decode(String.self) {
        case "null": value = .null
        case "bool": value = .bool(try parts.decode(Bool.self))
        case "int":
            let text = try parts.decode(String.self)
            value = Int64(text).map { .int($0) } ?? .uint(UInt64(text) ?? 0)
        case "double": value = .double(Double(bitPattern: UInt64(try parts.decode(String.self), radix: 16) ?? 0))
        case "string":
            if let repeated = try? parts.decode(Repeated.self) {
                value = .string(String(repeating: repeated.repeat, count: repeated.count))
                tail = [UInt8](repeating: UInt8(ascii: "x"), count: repeated.count)
            } else {
                value = .string(try parts.decode(String.self))
            }
        case "binary":
            if let repeated = try? parts.decode(Repeated.self) {
                tail = [UInt8](repeating: UInt8(ascii: "x"), count: repeated.count)
                value = .binary(tail)
            } else {
                value = .binary([UInt8](hex: try parts.decode(String.self)))
            }
        case "ext":
            var content = try parts.nestedUnkeyedContainer()
            let type = try content.decode(Int8.self)
            value = .ext(type: type, [UInt8](hex: try content.decode(String.self)))
        case "array": value = .array(try parts.decode([Description].self).map(\.value))
        default:
            value = .map(try parts.decode([[Description]].self).map { .init(key: $0[0].value, value: $0[1].value) })
        }
    }
}

@Suite("MessagePack as Python's msgpack packs it")
struct MessagePackVectorTests {
    @Test("every value is encoded to the same bytes and decoded back")
    func agrees() throws {
        let lines = try Fixture.lines("msgpack-vectors.jsonl")
        #expect(lines.count > 300)
        for line in lines {
            let vector = try JSONDecoder().decode(Vector.self, from: line)
            var encoder = MessagePackEncoder()
            encoder.value(vector.value.value)
            #expect(encoder.bytes == vector.bytes)
            #expect(try MessagePackDecoder.decode(vector.bytes) == vector.value.value)
        }
    }

    @Test("static strings are strings")
    func staticStrings() {
        let text: StaticString = "relay"
        var encoder = MessagePackEncoder(appendingTo: [1])
        encoder.string(text)
        #expect(encoder.bytes == [1, 0xa5] + "relay".utf8)
    }
}
