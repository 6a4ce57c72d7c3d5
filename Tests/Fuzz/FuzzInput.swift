internal import Glibc

/// Makes values of whatever bytes the fuzzer gives; when they have run out, everything is 0.
///
/// C texts are allocated to the byte, so that Address Sanitizer sees who reads on; they live as long as this does.
final class FuzzInput {
    private let whole: UnsafeRawBufferPointer
    private var rest: UnsafeRawBufferPointer
    private var texts: [UnsafeMutablePointer<CChar>] = []

    /// Whether texts are long ones, and the bytes come again when they have run out.
    var isStretched = false

    init(_ bytes: UnsafeRawBufferPointer) {
        whole = bytes
        rest = bytes
    }

    deinit {
        for text in texts { free(text) }
    }

    /// What has not been used.
    func all() -> UnsafeRawBufferPointer {
        take(rest.count)
    }

    func byte() -> UInt8 {
        take(1).first ?? 0
    }

    func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
        let bytes = take(MemoryLayout<Number>.size)
        return bytes.reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    /// A small number most of the time, as libvirt's enums have them, and any otherwise.
    func enumeration() -> Int32 {
        let byte = byte()
        return byte < 0xF0 ? Int32(byte % 16) : number()
    }

    func count(below bound: Int) -> Int {
        Int(byte()) % bound
    }

    /// How many of something there are: a few most of the time, and now and then up to `limit`.
    func repeats(upTo limit: Int) -> Int {
        let byte = byte()
        return byte < 0xF8 ? Int(byte % 8) : Int(self.byte()) % (limit + 1)
    }

    /// At most `count` bytes.
    func take(_ count: Int) -> UnsafeRawBufferPointer {
        if isStretched, rest.isEmpty { rest = whole }
        let taken = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        return taken
    }

    /// Bytes, now and then so many that they exceed every cap; in a stretched input nearly always.
    func bytes() -> [UInt8] {
        let head = byte()
        let piece = [UInt8](take(Int(head & 0x3F)))
        guard isStretched || head & 0xFC == 0xFC, !piece.isEmpty else { return piece }
        let length = isStretched ? 17 * Int(head) : Int(number(UInt16.self) % 12_288)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length + piece.count)
        while bytes.count < length { bytes += piece }
        return bytes
    }

    func text() -> String {
        String(decoding: bytes(), as: UTF8.self)
    }

    /// A C text, at times missing.
    func cText() -> UnsafePointer<CChar>? {
        let bytes = bytes().prefix { $0 != 0 }
        if bytes.isEmpty, byte() & 1 == 0 { return nil }
        guard let room = malloc(bytes.count + 1) else { return nil }
        let text = room.bindMemory(to: CChar.self, capacity: bytes.count + 1)
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: room, count: $0.count).copyMemory(from: $0) }
        text[bytes.count] = 0
        texts.append(text)
        return UnsafePointer(text)
    }
}
