import Foundation
import Testing

@testable import Aggregator

@Suite struct DiagnosticReportTests {
    private let place = Position(file: "a.yaml", line: 3, column: 5)

    @Test(
        "what moves a cursor, ends a line, turns text round or is not seen is written out; all else stays",
        arguments: [
            "a\u{1B}[31m": #"a\u{1b}[31m"#, "a\n": #"a\u{a}"#, "\u{202E}txt": #"\u{202e}txt"#,
            "\u{2066}x\u{2069}": #"\u{2066}x\u{2069}"#, "a\u{200B}b": #"a\u{200b}b"#, "a\u{2028}": #"a\u{2028}"#,
            "kvm-01 é ü 日本": "kvm-01 é ü 日本",
        ]
    )
    func printable(text: String, wanted: String) {
        #expect(text.printable == wanted)
    }

    @Test("diagnostics are sorted by file, line and column, and keep their order in one place")
    func sorted() {
        var report = DiagnosticReport()
        for (file, line, column, message) in [
            ("b", 1, 1, "5"), ("a", 10, 1, "4"), ("a", 2, 9, "1"), ("a", 2, 10, "2"), ("a", 2, 10, "3"),
        ] {
            report.error(
                .wrongType,
                at: Position(file: file, line: line, column: column),
                message,
                hint: ""
            )
        }
        #expect(report.diagnostics.map(\.message) == ["1", "2", "3", "4", "5"])
    }

    @Test("a line says where, what, and what to write instead")
    func text() {
        var report = DiagnosticReport()
        report.warning(.duplicateURI, at: place, "b has the URI of a", hint: "remove one")
        report.error(.missingValue, at: .flag("--bus-window"), "no", hint: "yes")
        #expect(
            report.text(colored: false) == """
                --bus-window: error: no; yes
                a.yaml:3:5: warning: b has the URI of a; remove one

                """
        )
        #expect(report.text(colored: true).contains("\u{1B}[1;31merror\u{1B}[0m"))
    }

    @Test("nothing that was read can send control characters to a terminal")
    func hostileText() {
        var report = DiagnosticReport()
        report.error(.unknownKey, at: place, "\("\u{1B}[2J\nx".quoted) is no key", hint: "\u{9B}")
        #expect(report.lines == [#"a.yaml:3:5: error: '\u{1b}[2J\u{a}x' is no key; \u{9b}"#])
    }

    @Test("JSON is an array of objects, empty when there is nothing")
    func json() throws {
        var report = DiagnosticReport()
        #expect(try decoded(report).isEmpty)
        report.error(.yamlSyntax, at: place, "what", hint: "instead")
        #expect(
            try decoded(report) as NSArray == [
                [
                    "file": "a.yaml", "line": 3, "column": 5, "severity": "error", "code": "yaml-syntax",
                    "message": "what", "hint": "instead",
                ]
            ]
        )
    }

    @Test("a wrong flag is a usage error, a wrong file a configuration error, a warning none")
    func exitStatus() {
        var report = DiagnosticReport()
        #expect(report.exitStatus == .ok)
        report.warning(.duplicateURI, at: place, "", hint: "")
        #expect(report.exitStatus == .ok)
        report.error(.wrongType, at: place, "", hint: "")
        #expect(report.exitStatus == .configuration)
        report.error(.wrongType, at: .flag("--x"), "", hint: "")
        #expect(report.exitStatus == .usage)
    }

    @Test("codes are kebab-case words", arguments: Diagnostic.Code.allCases)
    func codes(_ code: Diagnostic.Code) {
        #expect(code.rawValue.allSatisfy { $0.isLowercase && $0.isASCII || $0 == "-" })
    }

    @Test("a long text is quoted by its beginning")
    func quoted() {
        #expect("short".quoted == "'short'")
        #expect(String(repeating: "x", count: 65).quoted == "'" + String(repeating: "x", count: 64) + "…'")
    }

    private func decoded(_ report: DiagnosticReport) throws -> [Any] {
        try #require(JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [Any])
    }
}
