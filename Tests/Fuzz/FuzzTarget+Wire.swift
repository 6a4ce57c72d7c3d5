@testable internal import SaltBus

extension FuzzTarget {
    /// Any bytes are split at their first blank line or not at all, and what is found in them lies in them.
    static let eventSlice = FuzzTarget("event-slice", seeds: [event.stamped(with: stamp), event.bytes]) { bytes in
        if let slice = EventSlice(bytes) {
            expect(slice.tag.count + 2 + slice.data.count == bytes.count, "tag, blank line and data are all there is")
            expect(!slice.tag.elementsEqual("\n\n".utf8), "the tag holds no blank line")
            for text in [slice.text(of: "relay", "id"), slice.text(of: "_stamp"), slice.text(of: "host")] {
                expect(text.map { isInside($0, bytes) } ?? true, "a text lies inside the event")
            }
        }
        guard let parts = try? UnstampedEvent(bytes: [UInt8](bytes)).parts() else { return }
        expect(parts.tag.upperBound <= parts.id.lowerBound, "the id stands behind the tag")
        expect(parts.id.upperBound <= bytes.count, "the id lies inside the event")
    }

    /// A stream of any bytes gives the same events, and ends alike, however it is cut.
    static let pubStream = FuzzTarget("pub-stream", seeds: frames.map { [3] + $0 }) { bytes in
        let input = FuzzInput(bytes)
        let size = 1 + Int(input.byte())
        let bytes = input.all()
        let whole = Read(bytes, pieces: max(1, bytes.count))
        let cut = Read(bytes, pieces: size)
        expect(whole == cut, "the pieces do not matter")
        expect(whole.events.reduce(0) { $0 + $1.count } <= bytes.count, "events are no larger than what came")
    }

    /// An event that was framed comes out of the stream as it was, between others and in whatever pieces.
    static let frame = FuzzTarget("frame", seeds: [[UInt8](repeating: 0x5A, count: 80), [1, 4, 9, 6, 200, 65, 66]]) {
        let input = FuzzInput($0)
        let framing = input.byte() & 1 == 0 ? Framing.bare : .lengthPrefixed
        let size = 1 + Int(input.byte())
        let stamp = Stamp(microseconds: input.number(), form: input.byte() & 1 == 0 ? .naive : .offset)
        let events = (0...input.count(below: 4)).map { _ in
            UnstampedEvent(tag: Self.someTag, entries: 1) { encoder in
                encoder.string(input.text())
                encoder.value(MessagePackValue(input, depth: 1))
            }
        }
        // As a master passes them on: the body as it came.
        var bytes: [UInt8] = []
        for event in events { framing.append(event, stamp: stamp, to: &bytes) }
        let read = bytes.withUnsafeBytes { Read($0, pieces: size) }
        expect(!read.isMalformed, "what we frame is well formed")
        expect(read.events == events.map { $0.stamped(with: stamp) }, "events come out as they went in")
        for event in read.events {
            event.withUnsafeBytes { event in
                let data = EventSlice(event).map { [UInt8]($0.data) } ?? []
                let value = try? MessagePackDecoder.decode(data)
                expect(value?["_stamp"] != nil, "the stamp is the last entry of a whole map")
            }
        }
    }

    /// What is taken for a tag cannot end up as data, or as another tag.
    static let tag = FuzzTarget("tag", seeds: [Array("salt/engines/libvirt_events/kvm01/domain/lifecycle".utf8)]) {
        let text = String(decoding: $0, as: UTF8.self)
        guard let tag = try? Tag(text) else { return }
        expect(tag.text == text && !text.isEmpty, "a tag is taken as it is")
        expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a tag has no control characters")
        expect(text.utf8.count <= Tag.limit, "a tag has a bound")
        expect(!"/\(text)/".contains("//"), "a tag has no empty segments")
    }

    private static func isInside(_ part: UnsafeRawBufferPointer, _ whole: UnsafeRawBufferPointer) -> Bool {
        guard let part = part.baseAddress.map({ $0 + part.count }), let start = whole.baseAddress else { return true }
        return (start...(start + whole.count)).contains(part)
    }

    /// What became of a stream.
    private struct Read: Equatable {
        var events: [[UInt8]] = []
        var isMalformed = false
        var oversized = 0

        init(_ bytes: UnsafeRawBufferPointer, pieces size: Int) {
            var stream = PubStream()
            do throws(PubStream.Malformed) {
                for start in stride(from: 0, to: bytes.count, by: size) {
                    let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)])
                    try stream.read(piece, into: &events) { $0.append([UInt8]($1)) }
                }
            } catch {
                isMalformed = true
            }
            oversized = stream.oversized
        }
    }

    static let stamp = Stamp(microseconds: 1_795_000_000_000_000, form: .naive)
    static let someTag: Tag = {
        guard let tag = try? Tag("salt/engines/libvirt_events/kvm01/domain/lifecycle") else {
            fatalError("a tag of ours is none")
        }
        return tag
    }()
    private static let event = UnstampedEvent(tag: someTag, entries: 2) { encoder in
        encoder.string("host")
        encoder.string("kvm01")
        encoder.string("relay")
        encoder.map(1)
        encoder.string("id")
        encoder.string("0123456789abcdef/kvm01/1")
    }
    private static let frames: [[UInt8]] = [Framing.bare, .lengthPrefixed].map { framing in
        var bytes: [UInt8] = []
        for _ in 0..<2 { framing.append(event, stamp: stamp, to: &bytes) }
        return bytes
    }
}
