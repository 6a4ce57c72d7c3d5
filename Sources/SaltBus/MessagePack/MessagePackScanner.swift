/// Walks over MessagePack bytes without decoding or copying them.
///
/// Announced lengths are only believed once the bytes are there, so hostile input costs no more than its own size.
/// The scanner must not outlive the buffer it was made of. A call that throws leaves the position where it was.
package struct MessagePackScanner {
    private let bytes: UnsafeRawBufferPointer
    package private(set) var position = 0

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    package var remaining: Int { bytes.count - position }

    /// Reads the head of the next value and moves behind it.
    package mutating func token() throws(MessagePackError) -> MessagePackToken {
        let start = position
        do throws(MessagePackError) {
            return try readToken()
        } catch {
            position = start
            throw error
        }
    }

    /// The next `length` bytes.
    package mutating func payload(_ length: Int) throws(MessagePackError) -> UnsafeRawBufferPointer {
        guard length <= remaining else { throw .truncated }
        defer { position += length }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])
    }

    /// Moves behind one whole value, however deep: only the number of values still to come is kept.
    package mutating func skip() throws(MessagePackError) {
        let start = position
        do throws(MessagePackError) {
            var values = 1
            while values > 0 {
                let token = try token()
                _ = try payload(token.payload)
                values += token.children - 1
                // Each takes one byte at least.
                guard values <= remaining else { throw .truncated }
            }
        } catch {
            position = start
            throw error
        }
    }

    /// The text of the next value, or nil, moving behind it, when it is no string.
    package mutating func string() throws(MessagePackError) -> UnsafeRawBufferPointer? {
        let start = position
        guard case .string(let length) = try token() else {
            position = start
            try skip()
            return nil
        }
        do throws(MessagePackError) {
            return try payload(length)
        } catch {
            position = start
            throw error
        }
    }

    /// Moves to the value of `key` in the map that is next; false when that is no map or has no such key.
    ///
    /// `try scanner.enter("relay") && scanner.enter("id")` leads to the id of one of our events.
    package mutating func enter(_ key: StaticString) throws(MessagePackError) -> Bool {
        guard case .map(let count) = try token() else { return false }
        for _ in 0..<count {
            if let name = try string(), name.isEqual(to: key) { return true }
            try skip()
        }
        return false
    }

    private mutating func readToken() throws(MessagePackError) -> MessagePackToken {
        let head = try take(UInt8.self)
        switch head {
        case 0x00...0x7f: return .int(Int64(head))
        case 0x80...0x8f: return .map(count: Int(head & 0x0f))
        case 0x90...0x9f: return .array(count: Int(head & 0x0f))
        case 0xa0...0xbf: return .string(length: Int(head & 0x1f))
        case 0xc0: return .null
        case 0xc2, 0xc3: return .bool(head == 0xc3)
        case 0xc4: return .binary(length: Int(try take(UInt8.self)))
        case 0xc5: return .binary(length: Int(try take(UInt16.self)))
        case 0xc6: return .binary(length: Int(try take(UInt32.self)))
        case 0xc7: return try ext(length: Int(try take(UInt8.self)))
        case 0xc8: return try ext(length: Int(try take(UInt16.self)))
        case 0xc9: return try ext(length: Int(try take(UInt32.self)))
        case 0xca: return .double(Double(Float(bitPattern: try take(UInt32.self))))
        case 0xcb: return .double(Double(bitPattern: try take(UInt64.self)))
        case 0xcc: return .int(Int64(try take(UInt8.self)))
        case 0xcd: return .int(Int64(try take(UInt16.self)))
        case 0xce: return .int(Int64(try take(UInt32.self)))
        case 0xcf:
            let number = try take(UInt64.self)
            return Int64(exactly: number).map { .int($0) } ?? .uint(number)
        case 0xd0: return .int(Int64(try take(Int8.self)))
        case 0xd1: return .int(Int64(try take(Int16.self)))
        case 0xd2: return .int(Int64(try take(Int32.self)))
        case 0xd3: return .int(try take(Int64.self))
        case 0xd4...0xd8: return try ext(length: 1 << Int(head - 0xd4))
        case 0xd9: return .string(length: Int(try take(UInt8.self)))
        case 0xda: return .string(length: Int(try take(UInt16.self)))
        case 0xdb: return .string(length: Int(try take(UInt32.self)))
        case 0xdc: return .array(count: Int(try take(UInt16.self)))
        case 0xdd: return .array(count: Int(try take(UInt32.self)))
        case 0xde: return .map(count: Int(try take(UInt16.self)))
        case 0xdf: return .map(count: Int(try take(UInt32.self)))
        case 0xe0...0xff: return .int(Int64(Int8(bitPattern: head)))
        default: throw .reserved
        }
    }

    private mutating func ext(length: Int) throws(MessagePackError) -> MessagePackToken {
        .ext(type: try take(Int8.self), length: length)
    }

    /// A big-endian integer.
    private mutating func take<Number: FixedWidthInteger>(_: Number.Type) throws(MessagePackError) -> Number {
        let size = MemoryLayout<Number>.size
        guard size <= remaining else { throw .truncated }
        defer { position += size }
        return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }
}
