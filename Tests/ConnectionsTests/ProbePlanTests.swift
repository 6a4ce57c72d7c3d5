import Testing

@testable import Connections

@Suite("Probe plan")
struct ProbePlanTests {
    private var plan = ProbePlan(deadline: .seconds(5), patience: .seconds(20))
    private let pools = HostCall.listing(.pool)

    @Test("a probe is made when nothing else is asked, and a call under way does as well")
    func due() {
        #expect(plan.due(isCalling: false) == [.ask])
        #expect(plan.due(isCalling: true) == [])
    }

    @Test("a call that has no thread for longer than it may take is doubt, and no reason to give up")
    mutating func waits() {
        #expect(plan.due(isCalling: true, waited: .seconds(4)) == [])
        #expect(plan.due(isCalling: true, waited: .seconds(5)) == [.doubt])
        #expect(plan.patienceIsOver() == [])
        #expect(plan.callReturned(.probe) == [.trust])
    }

    @Test("a call past the deadline is doubted once, and trusted again when it returns")
    mutating func late() {
        #expect(plan.callIsLate(.probe) == [.doubt, .schedulePatience(.seconds(20))])
        #expect(plan.callIsLate(.probe) == [])
        #expect(plan.callReturned(.probe) == [.cancelPatience, .trust])
        #expect(plan.patienceIsOver() == [])
    }

    @Test("any call that returns is trust, on a later connection too")
    mutating func trust() {
        _ = plan.callIsLate(.probe)
        #expect(plan.connectionEnded() == [.cancelPatience])
        #expect(plan.callReturned(.identity) == [.trust])
        #expect(plan.connectionEnded() == [])
    }

    @Test("a connection is given up the deadline and the patience after its call began")
    mutating func givesUp() {
        _ = plan.callIsLate(.probe)
        #expect(plan.patienceIsOver() == [.giveUp(.probe, after: .seconds(25))])
        #expect(plan.connectionEnded() == [])
    }

    @Test("a call that is slow by nature ends no further connection, though it returns, until it returns in time")
    mutating func slowByNature() {
        _ = plan.callIsLate(pools)
        #expect(plan.patienceIsOver() == [.giveUp(pools, after: .seconds(25))])
        for _ in 0..<3 {
            #expect(plan.callIsLate(pools) == [.doubt, .schedulePatience(.seconds(40))])
            #expect(plan.callReturned(pools) == [.cancelPatience, .trust])
        }
        #expect(plan.callReturned(pools) == [.trust])
        #expect(plan.callIsLate(pools) == [.doubt, .schedulePatience(.seconds(20))])
    }

    @Test("what ended a connection is waited for longer on the next, up to sixteen times, until it returns")
    mutating func strikes() {
        for factor in [1, 2, 4, 8, 16, 16] {
            #expect(plan.callReturned(.identity) == [.trust])
            #expect(plan.callIsLate(pools) == [.doubt, .schedulePatience(.seconds(20) * factor)])
            #expect(plan.patienceIsOver() == [.giveUp(pools, after: .seconds(5) + .seconds(20) * factor)])
        }
        #expect(plan.callIsLate(.probe) == [.doubt, .schedulePatience(.seconds(20))], "other calls have their own")
        _ = plan.callReturned(.probe)
        _ = plan.callReturned(pools)
        #expect(plan.callIsLate(pools) == [.doubt, .schedulePatience(.seconds(20))])
    }
}
