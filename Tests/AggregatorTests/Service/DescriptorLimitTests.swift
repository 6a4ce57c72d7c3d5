import Testing

@testable import Aggregator

@Suite struct DescriptorLimitTests {
    @Test("a limit that hosts do not fit into is told with what they need and the remedy; one that they do is not")
    func warning() {
        #expect(DescriptorLimit.warning(for: 240, limit: 1024) == nil)
        let warning = DescriptorLimit.warning(for: 241, limit: 1024)
        #expect(warning?.contains("1028") == true)
        #expect(warning?.contains("LimitNOFILE=") == true)
        #expect(DescriptorLimit.warning(for: 10_000, limit: .max) == nil)
    }
}
