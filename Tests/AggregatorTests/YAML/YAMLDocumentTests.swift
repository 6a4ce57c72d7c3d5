import Testing

@testable import Aggregator

@Suite struct YAMLDocumentTests {
    private func read(_ text: String) -> (value: YAMLValue?, report: DiagnosticReport) {
        read(Array(text.utf8))
    }

    private func read(_ bytes: [UInt8]) -> (value: YAMLValue?, report: DiagnosticReport) {
        var report = DiagnosticReport()
        let value = YAMLDocument(file: "f").value(of: bytes, report: &report)
        return (value, report)
    }

    @Test("a file without a value is an empty mapping", arguments: ["", "\n\n", "# a comment\n", "---\n", "~"])
    func empty(text: String) throws {
        let (value, report) = read(text)
        var problems = report
        #expect(try #require(value).entries(of: "f", keys: ["a"], report: &problems)?.isEmpty == true)
        #expect(problems.isEmpty)
    }

    @Test("keys and values know their places")
    func positions() throws {
        var (value, report) = read("a:\n  b: 1\n  ü: [x, {y: z}]\n")
        let inner = try #require(value?.entries(of: "f", report: &report)?.first?.value)
        let entries = try #require(inner.entries(of: "a", report: &report))
        #expect(entries.map(\.key) == ["b", "ü"])
        #expect(entries.map(\.position.description) == ["f:2:3", "f:3:3"])
        #expect(entries.map(\.value.position.description) == ["f:2:6", "f:3:6"])
    }

    @Test(
        "what is no YAML is told with its place",
        arguments: [
            ("a: [1, 2", "2:1"), ("a: 1\n\tb: 2", "2:1"), ("a: 'x", "1:6"), ("a: b: c", "1:5"), ("a: *nobody", "1:4"),
            ("a: @x", "1:4"), ("a: 1\n--- \nb: 2", "2:1"), ("- a\nb: 1", "2:1"), ("a: !<x", "1:7"),
            ("\u{FEFF}a: [", "2:1"),
        ]
    )
    func syntax(text: String, place: String) {
        let (value, report) = read(text)
        #expect(value == nil)
        #expect(report.places == ["\(place) yaml-syntax"])
    }

    @Test(
        "what is no text is told with its place",
        arguments: [
            (Array("a: 1\nb: \0".utf8), "2:4"), (Array("a: ü\u{7}".utf8), "1:5"),
            (Array("a: 1\r\nb".utf8) + [0xFF], "2:2"),
            ([0xC3], "1:1"), ([0xFF, 0xFE, 0x61, 0x00], "1:1"),
        ]
    )
    func invalidText(bytes: [UInt8], place: String) {
        let (value, report) = read(bytes)
        #expect(value == nil)
        #expect(report.places == ["\(place) invalid-text"])
    }

    @Test(
        "nesting of thousands of levels ends in an error",
        arguments: ["[", "{a: ", "- ", "? ", "a:"]
    )
    func deepNesting(level: String) {
        let text =
            level == "a:"
            ? (0..<5_000).map { String(repeating: " ", count: $0) + level }.joined(separator: "\n")
            : String(repeating: level, count: 10_000)
        let (value, report) = read(text)
        #expect(value == nil)
        #expect(report.diagnostics.map(\.code) == [.yamlSyntax])
    }

    @Test("nesting ends at its limit")
    func nesting() {
        let nested = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        #expect(read(nested(YAMLDocument.depthLimit)).value != nil)
        #expect(read(nested(YAMLDocument.depthLimit + 1)).report.places == ["1:101 yaml-syntax"])
    }

    @Test("a line of 10 MB is read like any other")
    func longLine() {
        let (value, report) = read("a: " + String(repeating: "x", count: 10_000_000))
        #expect(value != nil)
        #expect(report.isEmpty)
    }

    @Test("a file of more than 16 MiB is refused unread")
    func tooLarge() {
        let (value, report) = read([UInt8](repeating: 0x20, count: YAMLDocument.sizeLimit + 1))
        #expect(value == nil)
        #expect(report.places == ["1:1 file-too-large"])
    }

    @Test("an alias stands for its value")
    func aliases() throws {
        var (value, report) = read("a: &x [1]\nb: *x\nc: [*x, *x]\n")
        let entries = try #require(value?.entries(of: "f", report: &report))
        #expect(entries.count == 3)
        #expect(entries[1].value.items(of: "b", report: &report)?.count == 1)
        #expect(report.isEmpty)
    }

    @Test("aliases that unfold without end are refused")
    func bomb() {
        let levels = (1...9).map { level in
            "l\(level): &l\(level) [\(Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", "))]"
        }
        let (value, report) = read("l0: &l0 [x]\n" + levels.joined(separator: "\n"))
        #expect(value == nil)
        #expect(report.diagnostics.map(\.code) == [.yamlAliases])
    }

    @Test(
        "aliases in keys, which Yams would compare for ever, are refused",
        arguments: ["? *l30\n: x", "*l30 : x", "[*l30, *l30]: x", "- {[*l30]:x}", "- {? [*l30] : x}"]
    )
    func keyBomb(line: String) {
        let levels = (1...30).map { "- &l\($0) [*l\($0 - 1), *l\($0 - 1)]" }
        let (value, report) = read("- &l0 [x]\n" + levels.joined(separator: "\n") + "\n-\n  " + line)
        #expect(value == nil)
        #expect(report.diagnostics.map(\.code) == [.yamlAliases])
    }

    @Test(
        "a chain of deep anchors ends in an error before it exhausts the stack",
        arguments: [(YAMLAliases.anchorLimit, "2:106 yaml-syntax"), (100, "33:1 yaml-aliases")]
    )
    func anchorChain(anchors: Int, place: String) {
        let levels = (1..<anchors).map { level in
            "- &l\(level) " + String(repeating: "[", count: 990) + "*l\(level - 1)" + String(repeating: "]", count: 990)
        }
        let (value, report) = read("- &l0 [x]\n" + levels.joined(separator: "\n"))
        #expect(value == nil)
        #expect(report.places == [place])
    }

    @Test(
        "what only looks like an anchor or an alias is left alone",
        arguments: [
            "a: salt & pepper\nb: 2 * 3", "a: R&D\nu: \"x://h/?a=1&b=2\"", "a: &x {b: 1}\nc: {d: *x, e: [*x], f: 1}",
            "a: &x 1\nu: qemu+tls://[::1]:16514/system\nb: *x",
        ]
    )
    func harmless(text: String) {
        let (value, report) = read(text)
        #expect(value != nil)
        #expect(report.isEmpty)
    }

    @Test("every key that is written again is told at its place, with the mistakes beside it")
    func duplicates() throws {
        var (value, report) = read("a: 1\nb: {x: 1, \"x\": 2}\na: 2\nc: 3\na: 3\n")
        let entries = try #require(value?.entries(of: "f", report: &report))
        #expect(entries.map(\.key) == ["a", "b", "c"])
        #expect(entries[1].value.entries(of: "b", report: &report)?.map(\.key) == ["x"])
        #expect(report.places == ["2:11 duplicate-key", "3:1 duplicate-key", "5:1 duplicate-key"])
    }

    @Test("more repeated keys than are worth reading again end in one error")
    func manyDuplicates() {
        let text = (0..<30).map { "k\($0): 1\nk\($0): 2\n" }.joined()
        let (value, report) = read(text)
        #expect(value == nil)
        #expect(report.diagnostics.map(\.code) == [.duplicateKey])
    }

    @Test("a key is a word")
    func collectionKey() {
        #expect(read("[a, b]: 1").report.places == ["1:1 wrong-type"])
    }
}
