import Testing

@testable import SaltBus

/// A frame with more in it than masters put there.
private func frame(_ event: [UInt8], _ framing: Framing, bodyFirst: Bool = false, asText: Bool = false) -> [UInt8] {
    var encoder = MessagePackEncoder()
    let body = { (encoder: inout MessagePackEncoder) in
        encoder.string("body")
        if asText { encoder.string(String(decoding: event, as: UTF8.self)) } else { encoder.binary(event) }
    }
    encoder.map(3)
    if bodyFirst { body(&encoder) }
    encoder.string("head")
    encoder.value(.map([.init(key: .int(1), value: .array([.null, .string("x"), .map([])]))]))
    encoder.string("something else")
    encoder.ext(type: 3, [UInt8](repeating: 9, count: 40))
    if !bodyFirst { body(&encoder) }
    return framing.framed(encoder.bytes)
}

private func text(_ number: Int) -> [UInt8] {
    Array("tag/\(number)\n\n\(String(repeating: "x", count: number % 300))".utf8)
}

/// Feeds `bytes` in pieces of `size` and gives the events.
private func events(of bytes: [UInt8], pieces size: Int, _ stream: inout PubStream) throws -> [[UInt8]] {
    var events: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
        try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { piece in
            try stream.read(piece, into: &events) { $0.append([UInt8]($1)) }
        }
    }
    return events
}

@Suite("Pub stream")
struct PubStreamTests {
    @Test(
        "events come out in order, however the bytes are cut",
        arguments: [Framing.bare, .lengthPrefixed],
        [1, 2, 3, 7, 64, 1000, 1 << 20]
    )
    func pieces(framing: Framing, size: Int) throws {
        let sent = (0..<1000).map(text)
        let bytes = sent.enumerated().flatMap { frame($1, framing, bodyFirst: $0 % 2 == 0, asText: $0 % 3 == 0) }
        var stream = PubStream()
        #expect(try events(of: bytes, pieces: size, &stream) == sent)
        #expect(stream.framing == framing)
    }

    @Test("frames without a body, with an empty map, or with more than their map are passed over")
    func oddFrames() throws {
        var stream = PubStream()
        #expect(
            try events(of: [0x81, 0xa1, 0x61, 0x01, 0x80] + frame(text(1), .bare), pieces: 1, &stream) == [text(1)]
        )
        stream = PubStream()
        let odd: [UInt8] = [0, 0, 0, 9, 0x81, 0xa4] + Array("body".utf8) + [0xc0, 1, 2]
        #expect(try events(of: odd + frame(text(2), .lengthPrefixed), pieces: 1, &stream) == [text(2)])
    }

    @Test(
        "an event over 1 MiB is passed over and counted, one of 1 MiB is not",
        arguments: [Framing.bare, .lengthPrefixed]
    )
    func oversized(framing: Framing) throws {
        let largest = [UInt8](repeating: 1, count: PubStream.keptLimit)
        var stream = PubStream()
        let bytes = frame(largest + [1], framing) + frame(largest, framing) + frame(text(1), framing)
        #expect(try events(of: bytes, pieces: 1 << 16, &stream) == [largest, text(1)])
        #expect(stream.oversized == 1)
    }

    @Test(
        "what no master publishes ends the stream",
        arguments: [
            "c0", "80", "48545450", "ff", "09000000", "08000001", "0000000182a1", "0000000001", "00000001c0", "8201",
            "81a161c1", "81a46865616481c1", "82a46865616480a4626f6479c609000000", "81a161ddffffffff",
            "000000ff81a161ddffffffff",
        ]
    )
    func malformed(hex: String) {
        for size in [1, 100] {
            var stream = PubStream()
            #expect(throws: PubStream.Malformed.self) { try events(of: [UInt8](hex: hex), pieces: size, &stream) }
        }
    }

    @Test("arbitrary bytes end the stream or wait for more, the same however they are cut")
    func hostile() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let noise = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
            for start in [[0x82], [0, 0, 0, 0xc8, 0x82], [0x82, 0xa4] + Array("body".utf8)] as [[UInt8]] {
                var whole = PubStream()
                var cut = PubStream()
                let one = try? events(of: start + noise, pieces: 1000, &whole)
                let other = try? events(of: start + noise, pieces: 1, &cut)
                #expect(one == other)
            }
        }
    }
}
