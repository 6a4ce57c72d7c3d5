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
        #expect(made.evidence.idle == [.sshKilled])
    }

    @Test("no gap is asked for where a fault had nothing that it could do")
    func idle() {
        var made = Made(direct: [])
        made.truth = Made.running
        #expect(made.judgement.uncoveredGaps.count == 1)
        made.incidents[0].isIdle = true
        made.bus = [Made.up(0)]
        #expect(made.judgement.failures == [])
    }

    @Test(
        "a schedule of which too little was done says nothing",
        arguments: [
            ([70, 65, 65], [FaultKind.reset, .reset, .reset, .listingCut, .classDeaf], true),
            ([70, 65, 64], [.reset, .reset, .reset, .listingCut, .classDeaf], false),
            ([100, 100, 49], [.reset, .reset, .reset, .listingCut, .classDeaf], false),
            ([70, 65, 65], [.reset, .reset, .reset, .listingCut, .listingCut], false),
            ([70, 65, 65], [.reset, .frozenLong, .listingCut, .classDeaf], false),
        ]
    )
    func lack(changes: [Int], kinds: [FaultKind], isEnough: Bool) {
        let made = Made(incidents: kinds.map { Made.fault($0, 10) }, changes: changes)
        #expect((made.evidence.lack == nil) == isEnough)
    }

    @Test("a schedule in which the kind whose turn it was came to nothing says nothing of that kind")
    func featured() {
        let kinds: [FaultKind] = [.frozenLong, .frozenLong, .frozenShort, .listingCut, .classDeaf]
        var made = Made(incidents: kinds.map { Made.fault($0, 10) }, changes: [70, 65, 65])
        #expect(made.evidence.lack?.contains("reset") == true)
        made.incidents.append(Made.fault(.reset, 20))
        #expect(made.evidence.lack == nil)
        made.incidents[5].isIdle = true
        #expect(made.evidence.lack?.contains("reset") == true)
    }

    @Test("a gap where a fault is said to have come to nothing is unfounded")
    func unfounded() {
        var made = Made()
        made.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6)]
        #expect(made.judgement.unfoundedGaps == [])
        made.incidents[0].isIdle = true
        #expect(made.judgement.unfoundedGaps.count == 1)
    }
}
