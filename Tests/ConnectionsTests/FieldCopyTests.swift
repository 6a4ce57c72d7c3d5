import Glibc
import TestSupport
import Testing

@testable import Connections

/// What a guest or a host may write into a text.
@Suite("Field copy")
struct FieldCopyTests {
    private func copy(_ bytes: [UInt8], into copy: inout FieldCopy) -> String? {
        (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { copy.text($0.baseAddress, at: "/x") }
        }
    }

    private func copy(_ bytes: [UInt8]) -> (text: String?, marks: TextMarks) {
        var field = FieldCopy()
        let text = copy(bytes, into: &field)
        return (text, field.marks)
    }

    @Test(
        "a text is unsafe for what a template, a terminal or a parser of lines would take for its own",
        arguments: [
            ("{{ 7*7 }}", true), ("{% raw %}", true), ("{# x", true), ("x }}", true), ("%}", true), ("#}", true),
            ("a\nb", true), ("\u{1B}[31m", true), ("\t", true), ("\u{7F}", true), ("\u{85}", true),
            ("\u{2028}", true), ("\u{202E}gpj.exe", true), ("\u{2066}", true), ("\u{FEFF}", true), ("a\u{FFFF}", true),
            ("\u{FFFE}", true), ("\u{200F}", true),
            ("web\u{200B}01", true), ("a\u{E0041}", true),
            ("", false), ("web-01", false), ("{ \"a\": 1 }", false), ("50 % { full }", false), ("ünï ✓ 🙂", false),
            ("it's \"quoted\": #1 $(id) `id`", false), ("} }", false), ("{ {", false),
        ]
    )
    func unsafe(text: String, isUnsafe: Bool) {
        #expect(text.isUnsafe == isUnsafe)
        #expect(copy(Array(text.utf8)).marks.unsafe == (isUnsafe ? ["/x"] : []))
        #expect(copy(Array(text.utf8)).text == text)
    }

    @Test("bytes that are no UTF-8 become U+FFFD, and that is said")
    func invalid() {
        let (text, marks) = copy([0x61, 0xFF, 0x62])
        #expect(text == "a\u{FFFD}b")
        #expect(marks == TextMarks(unsafe: ["/x"]))
        // A replacement character that came as one is no byte that was replaced.
        #expect(copy(Array("\u{FFFD}".utf8)).marks == TextMarks())
    }

    @Test("NULL stays NULL, and an empty text empty")
    func null() {
        var field = FieldCopy()
        #expect(field.text(nil, at: "/x") == nil)
        #expect(field.name(nil, at: "/x") == "")
        #expect(copy([]).text == "")
        #expect(field.marks == TextMarks())
    }

    @Test(
        "a long text is cut between characters, at 4 KiB of what goes out",
        arguments: [(4_096, 4_096, false), (4_097, 4_096, true), (100_000, 4_096, true)]
    )
    func cut(length: Int, kept: Int, isCut: Bool) {
        let (text, marks) = copy(Array(repeating: 0x61, count: length))
        #expect(text?.utf8.count == kept)
        #expect(marks.truncated == (isCut ? ["/x"] : []))
        let wide = copy(Array(String(repeating: "🙂", count: length / 4).utf8)).text ?? ""
        #expect(wide.utf8.count <= kept && wide.allSatisfy { $0 == "🙂" })
        // Each of these becomes three bytes.
        let invalid = copy(Array(repeating: 0xFF, count: length))
        #expect((invalid.text?.utf8.count ?? 0) <= 4_096)
        #expect(invalid.marks == TextMarks(truncated: ["/x"], unsafe: ["/x"]))
    }

    @Test("all texts of an event together have a bound, too")
    func total() {
        var field = FieldCopy()
        let lengths = (0..<10).map { _ in copy(Array(repeating: 0x61, count: 4_000), into: &field)?.utf8.count ?? -1 }
        #expect(lengths == [4_000, 4_000, 4_000, 4_000, 4_000, 480, 0, 0, 0, 0])
        #expect(field.marks.truncated.count == 5)
    }

    @Test(
        "bytes are repaired as far as there is room, and whole characters stay",
        arguments: [
            ([0xC3, 0xA4, 0xFF, 0x61], 9, "ä\u{FFFD}a", false), ([0xC0, 0x80], 9, "\u{FFFD}\u{FFFD}", false),
            ([0xED, 0xA0, 0x80], 9, "\u{FFFD}\u{FFFD}\u{FFFD}", false),
            ([0xF0, 0x9F, 0x99], 9, "\u{FFFD}\u{FFFD}\u{FFFD}", false),
            ([0xF0, 0x9F, 0x99, 0x82, 0xFF], 9, "🙂\u{FFFD}", false), ([0xFF, 0xFF], 5, "\u{FFFD}", true),
            ([0x61, 0xFF], 3, "a", true), ([0xE0, 0x80, 0x80], 2, "", true),
            ([0xF4, 0x90, 0x80, 0x80], 12, "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}", false),
        ] as [([UInt8], Int, String, Bool)]
    )
    func repair(bytes: [UInt8], limit: Int, text: String, isCut: Bool) {
        let repaired = bytes.withUnsafeBytes { UTF8Repair.text(of: $0, limit: limit) }
        #expect(repaired.text == text)
        #expect(repaired.isCut == isCut)
    }

    @Test("what is repaired is valid, whatever the bytes are")
    func repairProperty() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<2_000 {
            let interesting: [UInt8] = [0x61, 0x80, 0xBF, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF, 0xA0, 0x90]
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                interesting.randomElement(using: &random) ?? 0
            }
            let limit = Int.random(in: 0...60, using: &random)
            let text = bytes.withUnsafeBytes { UTF8Repair.text(of: $0, limit: limit).text }
            #expect(text.utf8.count <= limit)
            #expect(String(validating: Array(text.utf8), as: UTF8.self) == text)
            if let valid = String(validating: bytes, as: UTF8.self) { #expect(valid.hasPrefix(text)) }
        }
    }

    @Test("an event with long texts takes more places on the way to the journal")
    func places() {
        var field = FieldCopy()
        #expect(field.places == 1)
        _ = copy(Array(repeating: 0x61, count: 4_096), into: &field)
        #expect(field.places == 2)
        for _ in 0..<10 { _ = copy(Array(repeating: 0xFF, count: 4_096), into: &field) }
        #expect(field.places == 6)
    }
}
