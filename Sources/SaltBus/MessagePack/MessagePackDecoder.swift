/// Decodes MessagePack that others wrote, whatever it is: it may fail, it cannot harm.
///
/// Memory grows with the bytes that are there, never with announced lengths. Text that is not UTF-8 keeps its valid
/// parts and has U+FFFD for the rest.
package struct MessagePackDecoder {
    /// Containers within containers.
    ///
    /// Salt's own events have less than ten; each level is one stack frame here.
    package static let depthLimit = 64

    private var scanner: MessagePackScanner

    /// Decodes the one value that `bytes` are.
    package static func decode(_ bytes: [UInt8]) throws(MessagePackError) -> MessagePackValue {
        try bytes.span.bytes.withUnsafeBytes { (buffer) throws(MessagePackError) in
            var decoder = MessagePackDecoder(buffer)
            let value = try decoder.value(depth: 0)
            guard decoder.scanner.remaining == 0 else { throw .trailing }
            return value
        }
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        scanner = MessagePackScanner(bytes)
    }

    private mutating func value(depth: Int) throws(MessagePackError) -> MessagePackValue {
        switch try scanner.token() {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .uint(let number): return .uint(number)
        case .double(let number): return .double(number)
        case .string(let length): return .string(String(decoding: try scanner.payload(length), as: UTF8.self))
        case .binary(let length): return .binary([UInt8](try scanner.payload(length)))
        case .ext(let type, let length): return .ext(type: type, [UInt8](try scanner.payload(length)))
        case .array(let count):
            try allow(values: count, depth: depth)
            var values: [MessagePackValue] = []
            for _ in 0..<count { values.append(try value(depth: depth + 1)) }
            return .array(values)
        case .map(let count):
            try allow(values: 2 * count, depth: depth)
            var entries: [MessagePackValue.Entry] = []
            for _ in 0..<count {
                let key = try value(depth: depth + 1)
                entries.append(.init(key: key, value: try value(depth: depth + 1)))
            }
            return .map(entries)
        }
    }

    private func allow(values: Int, depth: Int) throws(MessagePackError) {
        guard depth < Self.depthLimit else { throw .tooDeep }
        // Each takes one byte at least.
        guard values <= scanner.remaining else { throw .truncated }
    }
}
