import Testing

@testable import Connections

@Suite("Flap damper")
struct FlapDamperTests {
    private var damper = FlapDamper(FlapLimit(count: 3, within: .seconds(60)))
    private let origin = Timestamp(microseconds: 0)

    private mutating func lost(at second: Int) -> Bool {
        damper.lost(at: .seconds(second), origin + .seconds(second))
    }

    @Test("a host flaps that is lost more often than the limit within its time, and that is noticed once")
    mutating func limit() {
        #expect([10, 20, 30].map { lost(at: $0) } == [false, false, false])
        #expect(lost(at: 69))
        #expect(damper.flapping == HostFlapping(count: 4, since: origin + .seconds(10)))
        #expect(!lost(at: 70))
        #expect(damper.flapping == HostFlapping(count: 5, since: origin + .seconds(10)))
    }

    @Test("losses that are further apart do not count together")
    mutating func slow() {
        for second in stride(from: 0, through: 2_000, by: 20) { #expect(!lost(at: second)) }
        #expect(damper.flapping == nil)
        #expect(damper.calm(at: .seconds(2_000)) == nil)
    }

    @Test("it is calm once nothing has changed for that time, up or down")
    mutating func calm() {
        for second in 1...4 { _ = lost(at: second) }
        #expect(damper.calm(at: .seconds(4)) == .seconds(60))
        damper.cameUp(at: .seconds(10))
        #expect(damper.calmIsDue(at: .seconds(64)) == false)
        #expect(damper.calm(at: .seconds(64)) == .seconds(6))
        #expect(damper.calmIsDue(at: .seconds(70)) == true)
        #expect(damper.flapping == nil)
        #expect(damper.calmIsDue(at: .seconds(70)) == false)
    }

    @Test("it is calm once it is lost no more than half as often as it may be, though that never ends")
    mutating func rare() {
        for second in 1...4 { _ = lost(at: second) }
        for second in [45, 80, 115] {
            #expect(!lost(at: second))
            damper.cameUp(at: .seconds(second + 5))
            #expect(damper.calmIsDue(at: .seconds(second + 10)) == false)
        }
        #expect(damper.flapping?.count == 7)
        #expect(!lost(at: 175))
        #expect(damper.calm(at: .seconds(175)) == .zero)
        #expect(damper.calmIsDue(at: .seconds(175)) == true)
        for second in stride(from: 230, through: 2_000, by: 55) { #expect(!lost(at: second)) }
        #expect(damper.flapping == nil)
    }

    @Test("what was before does not count against a host that has calmed down")
    mutating func anew() {
        for second in 1...4 { _ = lost(at: second) }
        #expect(damper.calmIsDue(at: .seconds(64)) == true)
        #expect([65, 66, 67].map { lost(at: $0) } == [false, false, false])
        #expect(lost(at: 68))
        #expect(damper.flapping == HostFlapping(count: 4, since: origin + .seconds(65)))
    }
}
