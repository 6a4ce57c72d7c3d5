import SaltBus
import Testing

/// The event that all captures hold, without its stamp.
private func capturedEvent() throws -> UnstampedEvent {
    UnstampedEvent(tag: try Tag("salt/engines/libvirt_events/test/default/domain/lifecycle"), entries: 4) { map in
        map.string("uri")
        map.string("test:///default")
        map.string("domain")
        map.map(3)
        map.string("name")
        map.string("test")
        map.string("id")
        map.int(1)
        map.string("uuid")
        map.string("6695eb01-f6a4-8304-79aa-97f2502e193f")
        map.string("event")
        map.string("started")
        map.string("detail")
        map.string("booted")
    }
}

@Suite("Frames of real masters")
struct FramingTests {
    @Test(
        "a pull frame is what Salt's own client writes",
        arguments: [
            ("3006.28-pull-official", 1_795_336_099_265_359, Stamp.Form.naive),
            ("3007.15-pull-official", 1_795_336_100_194_165, .naive),
            ("3008.3-pull-official", 1_795_336_100_992_832, .offset),
        ] as [(String, Int64, Stamp.Form)]
    )
    func pullFrame(capture: String, microseconds: Int64, form: Stamp.Form) throws {
        let expected = try Fixture.bytes("frames/\(capture).bin")
        let stamp = Stamp(microseconds: microseconds, form: form)
        var frame: [UInt8] = [7]
        Framing.lengthPrefixed.append(try capturedEvent(), stamp: stamp, to: &frame)
        #expect(frame == [7] + expected)
        frame = []
        Framing.bare.append(try capturedEvent(), stamp: stamp, to: &frame)
        #expect(frame == [UInt8](expected[4...]))
    }

    @Test(
        "an event comes out of pub as it went in",
        arguments: [("3006.28", Framing.lengthPrefixed), ("3007.15", .bare), ("3008.3", .bare)]
    )
    func pubFrame(version: String, framing: Framing) throws {
        let written = try Fixture.bytes("frames/\(version)-pull-rawclient.bin")
        var stream = PubStream()
        var events: [[UInt8]] = []
        try Fixture.bytes("frames/\(version)-pub-of-rawclient.bin").withUnsafeBytes { bytes in
            try stream.read(bytes, into: &events) { $0.append([UInt8]($1)) }
        }
        #expect(stream.framing == framing)
        #expect(events.count == 1)
        #expect(events.first.map { [UInt8](written.suffix($0.count)) } == events.first)
        #expect(try events.first?.starts(with: capturedEvent().bytes) == true)
    }

    @Test("stamping appends one entry")
    func stamping() throws {
        let stamped = try capturedEvent().stamped(with: Stamp(microseconds: 0, form: .naive))
        let separator = try #require(stamped.firstRange(of: Array("\n\n".utf8)))
        let data = try MessagePackDecoder.decode([UInt8](stamped[separator.upperBound...]))
        #expect(data["_stamp"] == .string("1970-01-01T00:00:00"))
        #expect(data["event"] == .string("started"))
    }

    @Test("the 16th entry makes the head longer, and it counts the stamp", arguments: [14, 15, 16])
    func manyEntries(entries: Int) throws {
        let event = UnstampedEvent(tag: try Tag("a"), entries: entries) { map in
            for entry in 0..<entries {
                map.int(Int64(entry))
                map.null()
            }
        }
        let data = try MessagePackDecoder.decode(
            [UInt8](event.stamped(with: Stamp(microseconds: 0, form: .naive))[3...])
        )
        guard case .map(let found) = data else { throw MessagePackError.reserved }
        #expect(found.count == entries + 1)
    }
}
