import TestSupport
import Testing

@testable import Connections

@Suite("Loss spread")
struct LossSpreadTests {
    @Test("five hundred hosts lost at once begin at most 25 retries in a quarter of a second, and all within 6 s")
    func storm() {
        var turns = Turns()
        var random = SeededRandom(seed: 3)
        let now = Duration.seconds(1_000)
        let begins = (0..<500).map { _ in
            turns.take(now + .seconds(1) * Double.random(in: 0...1, using: &random), now: now) - now
        }
        let slots = Dictionary(grouping: begins) { Int($0 / LossSpread.slot) }
        #expect(slots.values.allSatisfy { $0.count <= LossSpread.perSlot })
        #expect(begins.count { $0 < .seconds(1) } == 100)
        #expect(begins.allSatisfy { $0 < .seconds(6) })
    }

    @Test("few hosts begin when their own delay is over")
    func calm() {
        let spread = LossSpread()
        for second in 0..<100 {
            #expect(spread.delay(.milliseconds(300), at: .seconds(second)) == .milliseconds(300))
        }
    }
}
