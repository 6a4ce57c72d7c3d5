import Testing

@testable import Aggregator

@Suite struct ValueParserTests {
    @Test(
        "a duration is a number with its unit",
        arguments: [
            ("500ms", .milliseconds(500)), ("5s", .seconds(5)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("7d", .seconds(604_800)), ("0s", .zero), ("007s", .seconds(7)),
        ] as [(String, Duration)]
    )
    func duration(text: String, expected: Duration) throws {
        #expect(try Duration(text: text) == expected)
        #expect(try Duration(text: Duration(text: text).text) == expected)
    }

    @Test(
        "anything else is no duration",
        arguments: [
            ("5", "write 5s for seconds"), ("", "write a number and a unit, as in 5s"),
            ("s", "write a number and a unit, as in 5s"), ("-5s", "write a number and a unit, as in 5s"),
            ("5 s", "use one of ms, s, m, h, d"), ("5sec", "use one of ms, s, m, h, d"),
            ("1.5s", "use one of ms, s, m, h, d"), ("9223372036854775807d", "write a shorter duration"),
            ("99999999999999999999s", "write a number and a unit, as in 5s"),
            ("٥s", "write a number and a unit, as in 5s"),
        ]
    )
    func noDuration(text: String, hint: String) {
        let error = #expect(throws: MalformedValue.self) { try Duration(text: text) }
        #expect(error?.hint == hint)
    }

    @Test("a duration is shown in the largest unit that divides it")
    func shownDuration() {
        #expect(Duration.milliseconds(1500).text == "1500ms")
        #expect(Duration.seconds(90).text == "90s")
        #expect(Duration.seconds(7200).text == "2h")
        #expect(Duration.zero.text == "0ms")
    }

    @Test("bounds and steps of a duration hold", arguments: ["999ms", "1500ms", "3601s"])
    func durationBounds(text: String) throws {
        let parser = ValueParser.duration(.seconds(1)...(.seconds(3600)), step: .seconds(1))
        #expect(try parser.parse("1h") == .seconds(3600))
        let error = #expect(throws: MalformedValue.self) { try parser.parse(text) }
        #expect(error?.hint == "write whole seconds from 1s to 1h")
    }

    @Test("a whole number stays in its range", arguments: ["0", "101", "abc", "1.0", "", "99999999999999999999"])
    func integer(text: String) throws {
        #expect(try ValueParser.integer(1...100).parse("100") == 100)
        let error = #expect(throws: MalformedValue.self) { try ValueParser.integer(1...100).parse(text) }
        #expect(error?.hint == "write a whole number from 1 to 100")
    }

    @Test("a wrong word finds the nearest right one")
    func word() throws {
        #expect(try ValueParser<Settings.Stamp>.word.parse("naive") == .naive)
        let error = #expect(throws: MalformedValue.self) { try ValueParser<Settings.Stamp>.word.parse("naiv") }
        #expect(error?.hint == "write naive")
    }

    @Test("a null or a collection is no value of a key", arguments: ["", "~", "[5]", "{a: 5}"])
    func wrongType(yaml: String) throws {
        var report = DiagnosticReport()
        let value = try #require(YAMLDocument(file: "f").value(of: Array("k: \(yaml)".utf8), report: &report))
        let entry = try #require(value.entries(of: "f", report: &report)?.first)
        #expect(entry.value.parsed(as: .integer(1...9), name: "k", report: &report) == nil)
        #expect(report.diagnostics.map(\.hint) == ["write a whole number from 1 to 9"])
    }
}
