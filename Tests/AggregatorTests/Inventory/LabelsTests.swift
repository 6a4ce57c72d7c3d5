import TestSupport
import Testing

@testable import Aggregator

@Suite struct LabelsTests {
    private static let names = ["a", "b", "c", "d"]

    private func labels(_ random: inout SeededRandom) -> Labels {
        let pairs = Self.names.map { ($0, String(Int.random(in: 0...2, using: &random))) }
        return Labels(Dictionary(uniqueKeysWithValues: pairs.filter { _ in Bool.random(using: &random) }))
    }

    @Test(
        "it does not matter which of three are merged first, and the last that says something holds",
        arguments: 0..<200
    )
    func merging(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let (defaults, group, host) = (labels(&random), labels(&random), labels(&random))
        let merged = defaults.merging(group).merging(host)
        #expect(merged == defaults.merging(group.merging(host)))
        for name in Self.names { #expect(merged[name] == host[name] ?? group[name] ?? defaults[name]) }
        #expect(merged.merging(host) == merged)
        #expect(merged.merging(Labels()) == merged)
    }
}
