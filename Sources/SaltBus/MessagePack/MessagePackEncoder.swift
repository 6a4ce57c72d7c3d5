/// Writes MessagePack by appending to a byte array, byte-equal to Python's `msgpack.packb(use_bin_type=True)`.
///
/// Every value takes its smallest form. The caller is trusted with structure: after `map(n)` it writes n keys and n
/// values. Lengths are below 2^32 here, since texts are cut at 4 KiB before they are encoded.
/// See <https://github.com/msgpack/msgpack/blob/master/spec.md>.
package struct MessagePackEncoder: Sendable {
    package private(set) var bytes: [UInt8]

    /// Starts after `bytes`, which stay as they are.
    package init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    package mutating func reserveCapacity(_ count: Int) {
        bytes.reserveCapacity(count)
    }

    /// Begins a map of `count` keys, each followed by its value.
    package mutating func map(_ count: Int) {
        container(count, short: 0x80, medium: 0xde, long: 0xdf)
    }

    /// Begins an array of `count` values.
    package mutating func array(_ count: Int) {
        container(count, short: 0x90, medium: 0xdc, long: 0xdd)
    }

    package mutating func null() {
        bytes.append(0xc0)
    }

    package mutating func bool(_ value: Bool) {
        bytes.append(value ? 0xc3 : 0xc2)
    }

    package mutating func int(_ value: Int64) {
        guard value < 0 else { return uint(UInt64(value)) }
        switch value {
        case (-32)...: bytes.append(UInt8(bitPattern: Int8(value)))
        case Int64(Int8.min)...: head(0xd0, Int8(value))
        case Int64(Int16.min)...: head(0xd1, Int16(value))
        case Int64(Int32.min)...: head(0xd2, Int32(value))
        default: head(0xd3, value)
        }
    }

    package mutating func uint(_ value: UInt64) {
        switch value {
        case ...0x7f: bytes.append(UInt8(value))
        case ...0xff: head(0xcc, UInt8(value))
        case ...0xffff: head(0xcd, UInt16(value))
        case ...0xffff_ffff: head(0xce, UInt32(value))
        default: head(0xcf, value)
        }
    }

    package mutating func double(_ value: Double) {
        head(0xcb, value.bitPattern)
    }

    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            stringHead(utf8.count)
            bytes.append(contentsOf: utf8)
        }
    }

    package mutating func string(_ text: StaticString) {
        text.withUTF8Buffer { utf8 in
            stringHead(utf8.count)
            bytes.append(contentsOf: utf8)
        }
    }

    package mutating func binary(_ value: some Collection<UInt8>) {
        binaryHead(value.count)
        bytes.append(contentsOf: value)
    }

    package mutating func ext(type: Int8, _ value: some Collection<UInt8>) {
        switch value.count {
        case 1, 2, 4, 8, 16: bytes.append(0xd4 + UInt8(value.count.trailingZeroBitCount))
        case ...0xff: head(0xc7, UInt8(value.count))
        case ...0xffff: head(0xc8, UInt16(value.count))
        default: head(0xc9, UInt32(truncatingIfNeeded: value.count))
        }
        bytes.append(UInt8(bitPattern: type))
        bytes.append(contentsOf: value)
    }

    /// Begins a binary value of `count` bytes, which the caller appends with ``raw(_:)``.
    mutating func binaryHead(_ count: Int) {
        switch count {
        case ...0xff: head(0xc4, UInt8(count))
        case ...0xffff: head(0xc5, UInt16(count))
        default: head(0xc6, UInt32(truncatingIfNeeded: count))
        }
    }

    /// Appends bytes that are encoded already.
    mutating func raw(_ encoded: some Collection<UInt8>) {
        bytes.append(contentsOf: encoded)
    }

    private mutating func stringHead(_ count: Int) {
        switch count {
        case ...31: bytes.append(0xa0 | UInt8(count))
        case ...0xff: head(0xd9, UInt8(count))
        case ...0xffff: head(0xda, UInt16(count))
        default: head(0xdb, UInt32(truncatingIfNeeded: count))
        }
    }

    private mutating func container(_ count: Int, short: UInt8, medium: UInt8, long: UInt8) {
        switch count {
        case ...15: bytes.append(short | UInt8(count))
        case ...0xffff: head(medium, UInt16(count))
        default: head(long, UInt32(truncatingIfNeeded: count))
        }
    }

    private mutating func head(_ first: UInt8, _ value: some FixedWidthInteger) {
        bytes.append(first)
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
