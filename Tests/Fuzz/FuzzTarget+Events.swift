@testable internal import Connections
@testable internal import SaltBus

extension FuzzTarget {
    /// Whatever libvirt calls a callback with is an event; on the bus it is bounded, and marked where it must be.
    static let callbacks = FuzzTarget("callbacks", weight: 5, seeds: callbackSeeds) { bytes in
        let input = FuzzInput(bytes)
        let (kind, call) = CallbackCalls.all[Int(input.byte()) % CallbackCalls.all.count]
        let objects = LibvirtObjects(input, of: kind.object)
        input.isStretched = input.byte() % 8 == 7
        let catcher = EventCatcher.shared
        let box = CallbackBox(kind: kind, inlet: catcher.inlet)
        if let opaque = box.lend() { call(input, objects, opaque) }
        box.giveBack()
        guard let event = catcher.take() else { return expect(false, "a callback delivers an event") }
        expect(event.kind == kind, "the event is of the callback's kind")

        let fields = EventMapping.fields(of: event, uri: longestURI)
        let sent = UnstampedEvent(tag: Self.someTag, entries: fields.count + 1) { encoder in
            for field in fields {
                encoder.string(field.key)
                encoder.value(field.value)
            }
            envelope(event.marks).encode(into: &encoder)
        }
        expect((try? sent.parts()) != nil, "the event can be sent and confirmed")
        expect(sent.bytes.count + labelRoom < 64 << 10, "an event has a bound: \(sent.bytes.count)")
        let stamped = sent.stamped(with: Self.stamp)
        let data = stamped.withUnsafeBytes { EventSlice($0).map { [UInt8]($0.data) } } ?? []
        guard let value = try? MessagePackDecoder.decode(data) else { return expect(false, "the event decodes") }
        expectMarked(value, event.marks)
        let all = texts(of: .fields(fields))
        expect(
            all.reduce(0) { $0 + $1.text.utf8.count } <= EventLimits.texts + wordRoom + longestURI.utf8.count,
            "texts have a bound"
        )
    }

    /// The room of what is no text of libvirt's: our words, and UUIDs.
    private static let wordRoom = 1_024

    /// Texts of our own events are cut and marked as those of libvirt's are.
    static let inspection = FuzzTarget("inspection", seeds: [[UInt8]](repeating: Array(0..<64), count: 1)) { bytes in
        let input = FuzzInput(bytes)
        let fields = (0..<input.count(below: 8)).map { DataField("f\($0)", MessagePackValue(input, depth: 0)) }
        var inspection = TextInspection()
        let looked = MessagePackValue.fields(inspection.look(through: fields))
        expectMarked(looked, inspection.marks)
        expect(texts(of: looked).reduce(0) { $0 + $1.text.utf8.count } <= EventLimits.texts, "texts have a bound")
    }

    /// The room that labels may take: 32 with names of 64 and values of 256 bytes, and a mark for each.
    private static let labelRoom = 32 * (64 + 256 + 80)

    private static func envelope(_ marks: TextMarks) -> RelayEnvelope {
        RelayEnvelope(
            instance: "0123456789abcdef",
            host: String(repeating: "h", count: 63),
            sequence: .max,
            observed: Timestamp(microseconds: 1),
            hostUUID: "11111111-2222-3333-4444-555555555555",
            marks: marks
        )
    }

    /// Every mark points at something, and everything that needs one has one.
    private static func expectMarked(_ value: MessagePackValue, _ marks: TextMarks) {
        for place in marks.unsafe + marks.truncated {
            expect(value.at(pointer: place) != nil, "a mark points at something: \(place)")
        }
        let unsafe = Set(marks.unsafe)
        for (place, text) in texts(of: value) where !place.hasPrefix("/relay/") {
            expect(text.utf8.count <= EventLimits.text, "a text has a bound: \(place)")
            guard isDangerous(text) else { continue }
            expect(unsafe.contains(place), "what is unsafe is marked: \(place)")
        }
    }

    /// A few of the things that make a text unsafe, looked for in another way.
    private static func isDangerous(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            utf8.indices.contains { index in
                let rest = utf8[index...].prefix(3)
                return switch rest.first {
                case UInt8(ascii: "\n"), 0x1B: true
                case UInt8(ascii: "{"), UInt8(ascii: "#"), 0xE2:
                    ["{{", "{%", "#}", "\u{202E}", "\u{2028}"].contains { rest.starts(with: $0.utf8) }
                default: false
                }
            }
        }
    }

    /// Every text that is a value, with its place.
    private static func texts(of value: MessagePackValue, at place: String = "") -> [(place: String, text: String)] {
        switch value {
        case .string(let text): [(place, text)]
        case .array(let values): values.enumerated().flatMap { texts(of: $1, at: "\(place)/\($0)") }
        case .map(let entries):
            entries.flatMap { entry -> [(place: String, text: String)] in
                guard case .string(let key) = entry.key else { return [] }
                return texts(of: entry.value, at: "\(place)/\(key.pointerToken)")
            }
        default: []
        }
    }

    /// For each kind: a name, a UUID and an id, then what its arguments are made of, short and stretched.
    private static let callbackSeeds: [[UInt8]] = CallbackCalls.all.enumerated().flatMap { index, row in
        let object: [UInt8] = [4] + Array("{{a}".utf8) + [UInt8](repeating: 0x11, count: 16) + [0, 0, 0, 1, 0]
        let text: [UInt8] = [0x86] + Array("vd\na\u{1B}/".utf8)
        let arguments: [UInt8] =
            switch row.kind {
            case .domainTunable, .domainJobCompleted: [0xF9, 120] + [0x83] + Array("p.a".utf8) + [7] + text
            case .domainGraphics: [1, 0] + text + [0] + text + text + [2] + text + text + [0xF9, 40] + text
            default: text + text + text + [1, 2, 3, 4, 5, 6, 7, 8]
            }
        return [UInt8(0), 7].map { [UInt8(index)] + object + [$0] + arguments }
    }
}

/// Where the callbacks of this process leave what they deliver.
private final class EventCatcher: Sendable {
    static let shared = EventCatcher()

    /// The driver has one thread.
    nonisolated(unsafe) private static var event: HostEvent?

    let inlet = ConnectionInlet(
        generation: 0,
        inFlight: InFlight(limit: .max),
        now: { Timestamp(microseconds: 1) },
        post: { if case .event(_, let event) = $0 { EventCatcher.event = event } }
    )

    func take() -> HostEvent? {
        defer { Self.event = nil }
        return Self.event
    }
}

/// As long as a URI may be.
private let longestURI = "qemu:///system?x=" + String(repeating: "x", count: 2_031)

extension Timestamp {
    /// As the service has it.
    var iso8601: String { ClockText.text(microseconds: microseconds, tail: "Z") }
}

extension MessagePackValue {
    /// What a JSON pointer (RFC 6901) points at.
    fileprivate func at(pointer: String) -> MessagePackValue? {
        var value = self
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let key = token.replacing("~1", with: "/").replacing("~0", with: "~")
            switch value {
            case .array(let values):
                guard let index = Int(key), values.indices.contains(index) else { return nil }
                value = values[index]
            default:
                guard let member = value[String(key)] else { return nil }
                value = member
            }
        }
        return value
    }
}
