import TestSupport
import Testing

@testable import Aggregator

@Suite struct DomainPatternTests {
    @Test(
        "a pattern means all of a name",
        arguments: [
            ("web", "web", true), ("web", "web1", false), ("web", "Web", false), ("*", "", true), ("*", "a/b", true),
            ("web*", "web", true), ("web*", "aweb", false), ("*-prod", "a-prod", true), ("*-prod", "a-prod-b", false),
            ("w?b", "web", true), ("w?b", "wb", false), ("w?b", "wüb", true), ("a*b*c", "aXbYbc", true),
            ("a*b*c", "aXbYb", false), ("**", "x", true), ("[abc]1", "b1", true), ("[abc]1", "d1", false),
            ("[a-f]", "e", true), ("[a-f]", "g", false), ("[!a-f]", "g", true), ("[!a-f]", "e", false),
            ("[]]", "]", true), ("[!]]", "]", false), ("[a-]", "-", true), ("[[]x", "[x", true), ("]", "]", true),
            ("?", "", false), ("", "", false), ("!a", "!a", true), ("a.c", "abc", false),
        ]
    )
    func matches(text: String, name: String, isMatch: Bool) throws {
        guard !text.isEmpty else {
            #expect(throws: MalformedValue.self) { try DomainPattern(text) }
            return
        }
        #expect(try DomainPattern(text).matches(name) == isMatch)
    }

    @Test(
        "a pattern that is none says why",
        arguments: ["", "[", "[a", "[]", "[!]", "[z-a]", String(repeating: "a", count: 257)]
    )
    func malformed(text: String) {
        #expect(throws: MalformedValue.self) { try DomainPattern(text) }
    }

    @Test("a name made to match slowly is matched all the same")
    func hostile() throws {
        let pattern = try DomainPattern(String(repeating: "*a", count: 100) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4096)))
    }

    @Test("patterns match what a plain, recursive reading of them matches", arguments: 0..<50 as Range<UInt64>)
    func model(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let letters = { (choice: String, count: ClosedRange<Int>, random: inout SeededRandom) in
                String(
                    (0..<Int.random(in: count, using: &random)).compactMap { _ in choice.randomElement(using: &random) }
                )
            }
            let pattern = letters("ab*?", 1...8, &random)
            let name = letters("ab", 0...8, &random)
            #expect(
                try DomainPattern(pattern).matches(name) == Self.matches(Array(pattern)[...], Array(name)[...]),
                "\(pattern) \(name)"
            )
        }
    }

    private static func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return matches(pattern.dropFirst(), name) || !name.isEmpty && matches(pattern, name.dropFirst())
        }
        guard let letter = name.first, first == "?" || first == letter else { return false }
        return matches(pattern.dropFirst(), name.dropFirst())
    }
}
