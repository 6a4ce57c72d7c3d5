/// How frames are told apart on a socket.
///
/// It changed within Salt's patch releases, and pull and pub differ.
package enum Framing: Hashable, Sendable {
    /// One MessagePack map after the other.
    case bare

    /// Before each map its length as a big-endian 32-bit number.
    case lengthPrefixed

    /// The other one.
    package var other: Framing { self == .bare ? .lengthPrefixed : .bare }

    /// Appends the frame that publishes `event`: `{"head": {}, "body": EVENT}`.
    package func append(_ event: UnstampedEvent, stamp: Stamp, to buffer: inout [UInt8]) {
        let start = buffer.count
        var encoder = MessagePackEncoder(appendingTo: buffer.taken())
        if self == .lengthPrefixed { encoder.raw(Self.unknownLength) }
        encoder.map(2)
        encoder.string("head")
        encoder.map(0)
        encoder.string("body")
        encoder.binaryHead(event.bytes.count + stamp.entry.count)
        encoder.raw(event.bytes)
        encoder.raw(stamp.entry)
        buffer = encoder.bytes
        guard self == .lengthPrefixed else { return }
        let length = UInt32(truncatingIfNeeded: buffer.count - start - Self.unknownLength.count)
        withUnsafeBytes(of: length.bigEndian) { buffer.replaceSubrange(start..<start + $0.count, with: $0) }
    }

    private static let unknownLength: [UInt8] = [0, 0, 0, 0]
}

extension [UInt8] {
    /// Moves the bytes out, so that whoever works on them has the only reference and copies nothing.
    mutating func taken() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &self)
        return bytes
    }
}
