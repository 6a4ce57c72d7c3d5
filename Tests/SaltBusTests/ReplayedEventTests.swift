import SaltBus
import Testing

@Suite("Events told again")
struct ReplayedEventTests {
    private func event(relay: [(String, MessagePackValue)], more: Int = 0) throws -> UnstampedEvent {
        UnstampedEvent(tag: try Tag("salt/a/domain/lifecycle"), entries: 3 + more) { encoder in
            encoder.string("event")
            encoder.string("stopped")
            encoder.string("relay")
            encoder.map(relay.count)
            for (key, value) in relay {
                encoder.string(key)
                encoder.value(value)
            }
            encoder.string("domain")
            encoder.value(.map([.init(key: .string("uuid"), value: .string("c46e"))]))
            for index in 0..<more {
                encoder.string("key\(index)")
                encoder.value(.array([.int(Int64(index)), .null]))
            }
        }
    }

    /// Sixteen entries need a longer head.
    private static let many = (1...15).map { ("k\($0)", MessagePackValue.int($0)) }

    @Test("has its mark and is otherwise as it was", arguments: [[("id", .string("i/h/1"))], many])
    func marked(relay: [(String, MessagePackValue)]) throws {
        let original = try event(relay: relay, more: 20)
        let (tag, data) = try original.decoded()
        let copy = try original.replayed()
        let (copiedTag, copiedData) = try copy.decoded()
        #expect(tag == "salt/a/domain/lifecycle")
        #expect(copiedTag == tag)
        var expected = data
        guard case .map(var entries) = expected, let index = entries.firstIndex(where: { $0.key == .string("relay") }),
            case .map(var marked) = entries[index].value
        else { throw MessagePackError.reserved }
        marked.append(.init(key: .string("replay"), value: .bool(true)))
        entries[index].value = .map(marked)
        expected = .map(entries)
        #expect(copiedData == expected)
        #expect(try copy.replayed() == copy)
        let whole = copy.stamped(with: Stamp(microseconds: 0, form: .naive))
        #expect(whole.starts(with: copy.bytes))
    }

    @Test(
        "what is no event of ours is refused",
        arguments: [
            "", "tag", "tag\n\n", "tag\n\n\u{1}", "tag\n\n\u{1}\u{1}\u{1}",
        ]
    )
    func refused(text: String) {
        let event = UnstampedEvent(bytes: Array(text.utf8))
        #expect(throws: UnstampedEvent.Malformed.self) { try event.replayed() }
        #expect(throws: UnstampedEvent.Malformed.self) { try event.decoded() }
    }

    @Test("cut anywhere it harms nobody")
    func cut() throws {
        let bytes = try event(relay: [("id", .string("i/h/1")), ("unsafe", .array([.string("/a")]))]).bytes
        for length in 0..<bytes.count {
            let event = UnstampedEvent(bytes: Array(bytes.prefix(length)))
            #expect(throws: UnstampedEvent.Malformed.self) { try event.decoded() }
            _ = try? event.replayed()
        }
    }

    @Test("an object is known by a text of its own")
    func has() throws {
        let bytes = try event(relay: [("id", .string("c46e"))]).bytes
        let has = { (text: String, key: StaticString, object: StaticString) in
            bytes.withUnsafeBytes { UnstampedEvent.has(text, at: key, of: object, in: $0) }
        }
        #expect(has("c46e", "uuid", "domain"))
        #expect(!has("c46", "uuid", "domain"))
        #expect(!has("c46e", "name", "domain"))
        #expect(!has("c46e", "uuid", "network"))
    }
}
