import Testing

@Suite("What make chaos asks for")
struct WantedChaosTests {
    @Test("numbers that are none are said with their names", arguments: ["SEED", "SCHEDULES", "LANES"])
    func numbers(name: String) throws {
        let error = #expect(throws: WantedChaos.NoNumber.self) {
            try WantedChaos(["VIRT_AGGREGATOR_CHAOS_\(name)": "-1"])
        }
        #expect(error?.name == name)
        let seed = try WantedChaos(["VIRT_AGGREGATOR_CHAOS_SEED": "\(UInt64.max)"]).seed
        #expect(seed == .max)
    }
}
