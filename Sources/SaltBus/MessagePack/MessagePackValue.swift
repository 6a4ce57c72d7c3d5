/// One MessagePack value, as decoded or to be encoded.
///
/// An integer that fits `Int64` decodes to `int`, whatever form it had on the wire; `uint` holds only what is larger.
package enum MessagePackValue: Hashable, Sendable {
    /// A key and its value; maps keep their order and may repeat a key, as on the wire.
    package struct Entry: Hashable, Sendable {
        package var key: MessagePackValue
        package var value: MessagePackValue

        package init(key: MessagePackValue, value: MessagePackValue) {
            self.key = key
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case binary([UInt8])
    case array([MessagePackValue])
    case map([Entry])
    case ext(type: Int8, [UInt8])

    /// The value of the first entry whose key is the string `key`; nil where there is none or this is no map.
    package subscript(key: String) -> MessagePackValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == .string(key) }?.value
    }
}

extension MessagePackEncoder {
    /// Appends a whole value.
    ///
    /// Values nest as deep as the caller built them.
    package mutating func value(_ value: MessagePackValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .int(let number): int(number)
        case .uint(let number): uint(number)
        case .double(let number): double(number)
        case .string(let text): string(text)
        case .binary(let bytes): binary(bytes)
        case .ext(let type, let bytes): ext(type: type, bytes)
        case .array(let values):
            array(values.count)
            for element in values { self.value(element) }
        case .map(let entries):
            map(entries.count)
            for entry in entries {
                self.value(entry.key)
                self.value(entry.value)
            }
        }
    }
}
