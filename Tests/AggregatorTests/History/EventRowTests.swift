import Connections
import Foundation
import SaltBus
import TestSupport
import Testing

@testable import Aggregator
@testable import Spool

@Suite("Kept events as rows")
struct EventRowTests {
    private func kept(_ bytes: [UInt8], host: String = "kvm01", subject: String = "web", dead: DeadLetter? = nil)
        -> KeptEvent
    {
        KeptEvent(
            position: 7,
            time: 1_795_336_099_265_359,
            host: host,
            object: "domain",
            kind: "io_error",
            subject: subject,
            dead: dead,
            bytes: bytes
        )
    }

    private func event(_ fields: [DataField]) throws -> [UInt8] {
        try UnstampedEvent(tag: Tag("salt/kvm01/domain/io_error"), entries: fields.count) { encoder in
            for field in fields {
                encoder.string(field.key)
                encoder.value(field.value)
            }
        }.bytes
    }

    @Test("a row has what is the event's own, and nothing that moves a terminal's cursor")
    func cells() throws {
        let bytes = try event([
            DataField("uri", "qemu:///system"), DataField("domain", .texts([("name", "web")])),
            DataField("event", "io_error\u{1B}[2J"), DataField("detail", "paused"), DataField("dev", "vda"),
            DataField("reason", .null), DataField("size", .int(-5)), DataField("host", "kvm01"),
        ])
        #expect(
            EventRow(kept(bytes, subject: "w\u{1B}[31m\nx\u{202E}")).cells == [
                "2026-11-22T08:28:19.265Z", "kvm01", "domain", #"io_error\u{1b}[2J"#, #"w\u{1b}[31m\u{a}x\u{202e}"#,
                "paused dev=vda size=-5",
            ]
        )
        #expect(
            try EventRow(kept(event([DataField("srcPath", .string(String(repeating: "x", count: 4_000)))]))).cells[5]
                .count == 100
        )
        #expect(
            EventRow(kept([1, 2, 3], host: "")).cells[1...] == ["-", "domain", "io_error", "web", "holds no event"]
        )
        let derived = try event([
            DataField("detail", "unknown"), DataField("relay", .fields([DataField("synthetic", .fields([]))])),
        ])
        #expect(EventRow(kept(derived)).cells[5] == "unknown synthetic")
        let dead = DeadLetter(position: 7, time: 0, reason: "too large")
        #expect(EventRow(kept(bytes, dead: dead)).cells[5] == "never sent: too large")
    }

    @Test("a line of JSON has the position and what the bus gets, on one line")
    func json() throws {
        let bytes = try event([DataField("event", "a\u{1B}\n\u{2028}"), DataField("n", .int(1))])
        let dead = DeadLetter(position: 7, time: 0, reason: "too large")
        let line = EventRow(kept(bytes, dead: dead)).json
        #expect(line.unicodeScalars.allSatisfy { !$0.properties.isWhitespace || $0 == " " })
        #expect(!line.contains("\u{1B}"))
        let json = try JSONValue(parsing: Data(line.utf8))
        #expect(json["position"] == 7)
        #expect(json["tag"] == "salt/kvm01/domain/io_error")
        #expect(json["data"] == ["event": "a\u{1B}\n\u{2028}", "n": 1])
        #expect(json["dead"] == ["time": "1970-01-01T00:00:00Z", "reason": "too large"])
        #expect(EventRow(kept([1])).json == #"{"position":7,"error":"the record holds no event"}"#)
    }

    @Test("columns grow with their rows, up to a bound, and the head comes once")
    func table() {
        var table = GrowingTable(head: ["A", "B"])
        #expect(table.lines(of: [["x", "1"]], colored: false) == "A  B\nx  1\n")
        #expect(table.lines(of: [["longer", "2"], ["y", ""]], colored: false) == "longer  2\ny\n")
        let long = String(repeating: "l", count: 100)
        #expect(table.lines(of: [[long, "3"]], colored: true) == long + "  3\n")
        #expect(table.lines(of: [["z", "4"]], colored: false) == "z" + String(repeating: " ", count: 41) + "4\n")
    }

    @Test(
        "times before 1970 and between milliseconds keep their width",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (1_999, "1970-01-01T00:00:00.001Z"),
        ]
    )
    func times(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).millisecondText == text)
    }
}
