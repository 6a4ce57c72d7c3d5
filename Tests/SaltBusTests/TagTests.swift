import SaltBus
import Testing

@Suite("Tag")
struct TagTests {
    @Test(
        "segments of printable text are a tag",
        arguments: ["salt", "salt/engines/libvirt_events/kvm01/domain/lifecycle", "a b/ü/日本", "user@host:22/-"]
    )
    func wellFormed(text: String) throws {
        #expect(try Tag(text).text == text)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "/", "/a", "a/", "a//b", "a\nb", "a\n\nb", "a\u{0}", "a\u{7f}", "a\u{85}", "a\u{2028}b", "a\u{202e}b",
            "a\r\n",
        ]
    )
    func malformed(text: String) {
        #expect(throws: Tag.Malformed.self) { try Tag(text) }
    }

    @Test("1,024 bytes are a tag, one more is none")
    func limit() throws {
        _ = try Tag(String(repeating: "a", count: 1024))
        #expect(throws: Tag.Malformed.self) { try Tag(String(repeating: "a", count: 1025)) }
        #expect(throws: Tag.Malformed.self) { try Tag(String(repeating: "ü", count: 513)) }
    }
}
