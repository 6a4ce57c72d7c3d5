import Connections
import Foundation
import Testing

@testable import Aggregator

@Suite("Times as operators write them")
struct TimestampTextTests {
    /// 2026-11-22, 09:28:19.265359 in Berlin, where it is winter.
    private static let now = Timestamp(microseconds: 1_795_336_099_265_359)
    private static let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt

    private func read(_ text: String, now: Timestamp = Self.now) throws -> String {
        try Timestamp(text: text, now: now, zone: Self.berlin).iso8601
    }

    @Test(
        "each form is the moment it means",
        arguments: [
            ("now", "2026-11-22T08:28:19.265359Z"), ("15m", "2026-11-22T08:13:19.265359Z"),
            ("2h", "2026-11-22T06:28:19.265359Z"), ("7d", "2026-11-15T08:28:19.265359Z"),
            ("500ms", "2026-11-22T08:28:18.765359Z"), ("02:13", "2026-11-22T01:13:00Z"),
            ("2:13:07", "2026-11-22T01:13:07Z"), ("09:28", "2026-11-22T08:28:00Z"), ("09:29", "2026-11-21T08:29:00Z"),
            ("23:59:59", "2026-11-21T22:59:59Z"), ("2026-11-22", "2026-11-21T23:00:00Z"),
            ("2026-11-22T02:13", "2026-11-22T01:13:00Z"), ("2026-07-22 02:13:05", "2026-07-22T00:13:05Z"),
            ("2026-11-22T02:13Z", "2026-11-22T02:13:00Z"), ("2026-11-22T02:13:05.25z", "2026-11-22T02:13:05.250000Z"),
            ("2026-11-22T02:13:05+01:00", "2026-11-22T01:13:05Z"), ("2026-11-22T02:13-0530", "2026-11-22T07:43:00Z"),
            ("2026-11-22T08:28:19.265359Z", "2026-11-22T08:28:19.265359Z"),
            ("2026-11-22T08:28:19.2653599Z", "2026-11-22T08:28:19.265359Z"),
            ("2024-02-29T00:00Z", "2024-02-29T00:00:00Z"),
        ]
    )
    func forms(text: String, wanted: String) throws {
        #expect(try read(text) == wanted)
    }

    @Test("an hour that the clock left out is that of the day before")
    func leftOut() throws {
        // 2026-03-29, 12:00 in Berlin: 02:00 to 03:00 did not happen.
        let now = try Timestamp(text: "2026-03-29T10:00Z", now: Self.now, zone: .gmt)
        #expect(try read("02:30", now: now) == "2026-03-28T01:30:00Z")
        #expect(try read("03:30", now: now) == "2026-03-29T01:30:00Z")
    }

    @Test(
        "of an hour that the clock repeated the last time that is past is meant; with its day it wants a zone",
        arguments: [
            ("02:10", "02:30", "2026-10-25T01:30:00Z"), ("01:10", "02:30", "2026-10-25T00:30:00Z"),
            ("01:30", "02:30", "2026-10-25T01:30:00Z"), ("00:10", "02:30", "2026-10-24T00:30:00Z"),
            ("02:10", "2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z"),
            ("02:10", "2026-10-25T03:00", "2026-10-25T02:00:00Z"),
            ("02:10", "2026-10-25", "2026-10-24T22:00:00Z"),
        ]
    )
    func repeated(now: String, text: String, wanted: String) throws {
        // In Berlin the clock was put back from 03:00 to 02:00.
        let now = try Timestamp(text: "2026-10-25T\(now)Z", now: Self.now, zone: .gmt)
        #expect(try read(text, now: now) == wanted)
    }

    @Test("an hour that was twice is refused, with both; a day that begins twice has begun with the first")
    func twice() throws {
        let error = #expect(throws: MalformedValue.self) { try read("2026-10-25T02:30:00.5") }
        #expect(error?.hint == "write 2026-10-25T00:30:00.500000Z or 2026-10-25T01:30:00.500000Z")
        let havana = try #require(TimeZone(identifier: "America/Havana"))
        // Put back from 01:00 to 00:00.
        #expect(try Timestamp(text: "2026-11-01", now: Self.now, zone: havana).iso8601 == "2026-11-01T04:00:00Z")
    }

    @Test(
        "what is no time says what to write",
        arguments: [
            ("", "02:13"), ("yesterday", "02:13"), ("24:00", "00:00 to 23:59"), ("02:60", "00:00 to 23:59"),
            ("15", "write 15s"), ("15x", "use one of ms"), ("99999999999d", "36500d"),
            ("999999999999999999999d", "15m"),
            ("2026-02-30T00:00Z", "check the day"), ("2026-13-01", "check the day"),
            ("2026-03-29T02:30", "check the day"), ("2026-11-22T02:13+99:00", "write Z"), ("22.11.2026", "2026-11-22"),
            ("2026-11-22T02:13\u{1B}[31m", "02:13"), ("٠٢:١٣", "02:13"),
        ]
    )
    func malformed(text: String, hint: String) throws {
        let error = #expect(throws: MalformedValue.self) { try read(text) }
        #expect(error?.hint.contains(hint) == true, "\(String(describing: error))")
    }
}
