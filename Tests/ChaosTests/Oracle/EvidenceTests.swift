import Foundation
import TestSupport
import Testing

@Suite("What was really done")
struct EvidenceTests {
    private typealias Made = MadeUpCase

    @Test("what came to nothing does not count, and neither does what befell all hosts count for each of them")
    func done() {
        var idle = Made.fault(.sshKilled, 10)
        idle.isIdle = true
        let lost = ["kvm1", "kvm2"].map { host in
            Incident(kind: .allLost, host: host, begins: Made.begin, holds: Made.begin, heals: Made.begin)
        }
        let made = Made(incidents: lost + [idle, Made.fault(.reset, 20)])
        #expect(made.evidence.done == [.allLost, .reset])
    }

    @Test("no gap is asked for where a fault had nothing that it could do")
    func idle() {
        var made = Made(direct: [])
        made.truth = Made.running
        #expect(made.judgement.uncoveredGaps.count == 1)
        made.incidents[0].isIdle = true
        #expect(made.judgement.failures == [])
    }

    @Test(
        "a schedule of which too little was done says nothing",
        arguments: [
            (200, [FaultKind.reset, .reset, .reset, .listingCut, .classDeaf], true),
            (199, [.reset, .reset, .reset, .listingCut, .classDeaf], false),
            (200, [.reset, .reset, .reset, .listingCut, .listingCut], false),
            (200, [.reset, .frozenLong, .listingCut, .classDeaf], false),
        ]
    )
    func lack(changes: Int, kinds: [FaultKind], isEnough: Bool) {
        let made = Made(incidents: kinds.map { Made.fault($0, 10) }, changes: changes)
        #expect((made.evidence.lack == nil) == isEnough)
    }
}
