import Testing

@testable import Aggregator

@Suite struct VocabularyTests {
    @Test(
        "a mistyped word finds the one it was meant to be",
        arguments: [
            ("labls", "labels"), ("lables", "labels"), ("Labels", "labels"), ("tag-prefix", "tag_prefix"),
            ("ur", "uri"), ("url", "uri"), ("zzz", nil), ("", nil), (String(repeating: "labels", count: 100_000), nil),
        ] as [(String, String?)]
    )
    func nearest(word: String, expected: String?) {
        #expect(Vocabulary(words: ["uri", "tag_prefix", "labels"]).nearest(to: word) == expected)
    }

    @Test("the hint falls back to the whole list")
    func hint() {
        let vocabulary = Vocabulary(words: ["fast", "slow"])
        #expect(vocabulary.hint(for: "slwo") == "write slow")
        #expect(vocabulary.hint(for: "medium") == "use one of fast, slow")
    }

    @Test(
        "distance counts insertions, removals, replacements and swaps",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abd", 1), ("abc", "acb", 1), ("kitten", "sitting", 3),
        ]
    )
    func distance(left: String, right: String, expected: Int) {
        #expect(Vocabulary.distance(left, right) == expected)
        #expect(Vocabulary.distance(right, left) == expected)
    }
}
