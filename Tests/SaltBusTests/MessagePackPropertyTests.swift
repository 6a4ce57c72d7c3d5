import SaltBus
import Testing

/// Values of every kind, nested as deep as `depth`.
private func randomValue(depth: Int, _ random: inout SeededGenerator) -> MessagePackValue {
    switch Int.random(in: 0..<(depth > 0 ? 10 : 8), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2: return .int(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random))
    case 3: return .uint(UInt64.random(in: (1 << 63) ... .max, using: &random))
    case 4: return .double(Double(bitPattern: random.next() & ~(1 << 62)))
    case 5:
        return .string(
            String(
                (0..<Int.random(in: 0..<40, using: &random)).map { _ in "aé日😀".randomElement(using: &random) ?? "a" }
            )
        )
    case 6:
        return .binary((0..<Int.random(in: 0..<300, using: &random)).map { _ in .random(in: 0...255, using: &random) })
    case 7:
        return .ext(
            type: .random(in: -128...127, using: &random),
            [UInt8](repeating: 1, count: .random(in: 0..<20, using: &random))
        )
    case 8:
        return .array((0..<Int.random(in: 0..<20, using: &random)).map { _ in randomValue(depth: depth - 1, &random) })
    default:
        return .map(
            (0..<Int.random(in: 0..<20, using: &random)).map { _ in
                .init(key: randomValue(depth: 0, &random), value: randomValue(depth: depth - 1, &random))
            }
        )
    }
}

private func encoded(_ value: MessagePackValue) -> [UInt8] {
    var encoder = MessagePackEncoder()
    encoder.value(value)
    return encoder.bytes
}

/// How far the scanner's `skip` gets; nil if it throws.
private func skipped(_ bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBytes { buffer in
        var scanner = MessagePackScanner(buffer)
        return (try? scanner.skip()).map { scanner.position }
    }
}

@Suite("MessagePack, any value and any bytes")
struct MessagePackPropertyTests {
    @Test("what is encoded is decoded, and skipped to its last byte")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let value = randomValue(depth: 4, &random)
            let bytes = encoded(value)
            #expect(try MessagePackDecoder.decode(bytes) == value)
            #expect(skipped(bytes) == bytes.count)
            #expect(skipped(bytes + [0xc1]) == bytes.count)
        }
    }

    @Test("what is cut short is truncated, wherever the cut is", arguments: 0..<8)
    func truncation(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let bytes = encoded(.array((0..<5).map { _ in randomValue(depth: 3, &random) }))
        for count in 0..<min(bytes.count, 2000) {
            #expect(throws: MessagePackError.truncated) { try MessagePackDecoder.decode([UInt8](bytes[..<count])) }
            #expect(skipped([UInt8](bytes[..<count])) == nil)
        }
    }

    @Test("arbitrary bytes are a value or an error, and the scanner agrees with the decoder")
    func hostile() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<2000 {
            let bytes = (0..<64).map { _ in UInt8.random(in: 0x80...0xff, using: &random) }
            do throws(MessagePackError) {
                _ = try MessagePackDecoder.decode(bytes)
                #expect(skipped(bytes) == bytes.count)
            } catch .trailing {
                #expect(skipped(bytes) != nil)
            } catch {
                #expect(skipped(bytes) == nil)
            }
        }
    }

    @Test(
        "an announced length costs nothing",
        arguments: ["c6ffffffff", "dbffffffff", "ddffffffff", "dfffffffff", "c9ffffffff01"]
    )
    func announcedLengths(hex: String) {
        let bytes = [UInt8](hex: hex)
        #expect(throws: MessagePackError.truncated) { try MessagePackDecoder.decode(bytes) }
        #expect(skipped(bytes) == nil)
    }

    @Test("64 levels are decoded, more are refused, and skipping does not care")
    func depth() throws {
        let deep = { (levels: Int) in [UInt8](repeating: 0x91, count: levels) + [0xc0] }
        _ = try MessagePackDecoder.decode(deep(64))
        #expect(throws: MessagePackError.tooDeep) { try MessagePackDecoder.decode(deep(65)) }
        #expect(skipped(deep(100_000)) == 100_001)
    }

    @Test("what has no meaning is an error")
    func errors() {
        #expect(throws: MessagePackError.reserved) { try MessagePackDecoder.decode([0xc1]) }
        #expect(throws: MessagePackError.trailing) { try MessagePackDecoder.decode([0xc0, 0xc0]) }
        #expect(throws: MessagePackError.truncated) { try MessagePackDecoder.decode([]) }
    }

    @Test("text that is not UTF-8 keeps its valid parts")
    func invalidText() throws {
        #expect(try MessagePackDecoder.decode([0xa3, 0x61, 0xff, 0x62]) == .string("a\u{fffd}b"))
    }

    @Test("single precision and long forms of small numbers are read as well")
    func otherForms() throws {
        #expect(try MessagePackDecoder.decode([UInt8](hex: "ca3fc00000")) == .double(1.5))
        #expect(try MessagePackDecoder.decode([UInt8](hex: "cf0000000000000005")) == .int(5))
        #expect(try MessagePackDecoder.decode([UInt8](hex: "d3ffffffffffffffff")) == .int(-1))
    }
}

@Suite("Finding a key without decoding")
struct MessagePackScannerTests {
    private func text(_ path: [StaticString], _ value: MessagePackValue) throws -> String? {
        try encoded(value).withUnsafeBytes { bytes in
            var scanner = MessagePackScanner(bytes)
            for key in path { guard try scanner.enter(key) else { return nil } }
            return try scanner.string().map { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test("an inner key is found behind whatever comes before it")
    func finds() throws {
        let relay = MessagePackValue.map([
            .init(key: .string("seq"), value: .int(1)), .init(key: .string("id"), value: .string("a/kvm01/1")),
        ])
        let event = MessagePackValue.map([
            .init(key: .int(5), value: .array([.null, relay])), .init(key: .string("relay"), value: relay),
        ])
        #expect(try text(["relay", "id"], event) == "a/kvm01/1")
        #expect(try text(["relay", "seq"], event) == nil)
        #expect(try text(["relay"], event) == nil)
        #expect(try text(["absent"], event) == nil)
        #expect(try text(["relay"], .array([relay])) == nil)
    }
}
