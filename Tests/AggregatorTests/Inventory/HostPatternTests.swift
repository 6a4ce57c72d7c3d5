import TestSupport
import Testing

@testable import Aggregator

@Suite struct HostPatternTests {
    @Test(
        "a pattern stands for its names in order, the last range running fastest",
        arguments: [
            ("kvm01", ["kvm01"]),
            ("kvm[08-11]", ["kvm08", "kvm09", "kvm10", "kvm11"]),
            ("kvm[8-11]", ["kvm8", "kvm9", "kvm10", "kvm11"]),
            ("kvm[01-02,09,12-13].lab", ["kvm01.lab", "kvm02.lab", "kvm09.lab", "kvm12.lab", "kvm13.lab"]),
            ("r[1-2]-[a-c]", ["r1-a", "r1-b", "r1-c", "r2-a", "r2-b", "r2-c"]),
            ("[00-01][A-B]", ["00A", "00B", "01A", "01B"]),
            ("n[a,3,007]", ["na", "n3", "n007"]),
        ]
    )
    func names(text: String, names: [String]) throws {
        let pattern = try HostPattern(text)
        #expect(pattern.names(limit: names.count) == names)
        #expect(pattern.count == names.count)
    }

    @Test(
        "what is no range is told with what to write",
        arguments: [
            ("kvm[9-1]", "write [1-9]"), ("kvm[f-a]", "write [a-f]"), ("kvm[01-100]", "write [001-100]"),
            ("kvm[1-016]", "write [001-016]"), ("kvm[01", "write ranges as in kvm[01-40], not one within another"),
            ("kvm01]", "write ranges as in kvm[01-40], not one within another"),
            ("kvm[0[1-2]]", "write ranges as in kvm[01-40], not one within another"),
            ("kvm[]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[1-]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[1,]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[1-2-3]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[1, 2]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[a-F]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[a-9]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[aa-ac]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[٠-٣]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            ("kvm[0-9999999999999999999]", "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"),
            (String(repeating: "[1-2]", count: 300), "write several shorter ones"),
        ]
    )
    func malformed(text: String, hint: String) {
        let error = #expect(throws: MalformedValue.self) { try HostPattern(text) }
        #expect(error?.hint == hint)
        #expect(error?.code == .invalidName)
    }

    @Test(
        "more names than are wanted are counted and not made",
        arguments: [
            ("k[0-999999999]", 1_000_000_000),
            ("k[0-9999][0-9999][0-9999][0-9999][0-9999]", Int.max),
            ("k[0-999999999999999999,0-999999999999999999]", 2_000_000_000_000_000_000),
            ("k" + String(repeating: "[0-9]", count: 100), Int.max),
        ]
    )
    func bomb(text: String, count: Int) throws {
        let pattern = try HostPattern(text)
        #expect(pattern.count == count)
        #expect(pattern.names(limit: Inventory.hostLimit) == nil)
    }

    @Test("the count is that of the names, which keep their zeros and their order", arguments: 0..<300)
    func property(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (text, product, width) = ("h", 1, 1)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let digits = Int.random(in: 1...4, using: &random)
            let low = Int.random(in: 0...9, using: &random)
            let high = low + Int.random(in: 0...min(9 - low, 8), using: &random)
            let filled = { (number: Int) in String(repeating: "0", count: digits - 1) + String(number) }
            text += "-[\(filled(low))-\(filled(high))]"
            product *= high - low + 1
            width += 1 + digits
        }
        let pattern = try HostPattern(text)
        let names = try #require(pattern.names(limit: 1000))
        #expect(pattern.count == product)
        #expect(names.count == product)
        // Of one length, so that the order of the numbers is that of the texts.
        #expect(names.allSatisfy { $0.count == width })
        #expect(names == names.sorted())
        #expect(Set(names).count == product)
    }
}
