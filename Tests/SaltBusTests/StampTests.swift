import Foundation
import SaltBus
import Testing

@Suite("Stamp")
struct StampTests {
    @Test(
        "times read as Python's isoformat writes them",
        arguments: [
            (1_795_336_099_265_359, "2026-11-22T08:28:19.265359"), (1_795_336_099_000_000, "2026-11-22T08:28:19"),
            (1_795_336_099_000_001, "2026-11-22T08:28:19.000001"), (0, "1970-01-01T00:00:00"),
            (-1, "1969-12-31T23:59:59.999999"), (951_782_400_000_000, "2000-02-29T00:00:00"),
            (4_107_542_399_000_000, "2100-02-28T23:59:59"), (4_107_542_400_000_000, "2100-03-01T00:00:00"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00"), (253_402_300_799_999_999, "9999-12-31T23:59:59.999999"),
        ] as [(Int64, String)]
    )
    func text(microseconds: Int64, expected: String) {
        #expect(Stamp(microseconds: microseconds, form: .naive).text == expected)
        #expect(Stamp(microseconds: microseconds, form: .offset).text == expected + "+00:00")
    }

    @Test("every clock gives a text", arguments: [Int64.min, .max])
    func extremes(microseconds: Int64) {
        #expect(!Stamp(microseconds: microseconds, form: .offset).text.isEmpty)
    }

    @Test("dates agree with the system's calendar")
    func calendar() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: -2_000_000_000...10_000_000_000, using: &random)
            let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
            #expect(Stamp(microseconds: seconds * 1_000_000, form: .naive).text + "Z" == expected)
        }
    }
}
