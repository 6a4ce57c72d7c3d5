import Foundation
import TestSupport
import Testing

@Suite("When a host is heard")
struct HearingTests {
    private typealias Made = MadeUpCase

    @Test("outages in a row may be covered by gaps in a row")
    func row() {
        let gaps = [(9.0, 10.6), (10.6, 12.0)].map { from, to in
            BusGap(
                from: Made.begin.addingTimeInterval(from),
                to: Made.begin.addingTimeInterval(to),
                classes: ["domain"],
                cause: "unknown"
            )
        }
        let begins = Made.begin.addingTimeInterval(9.5)
        func interval(to: Double) -> Hearing.Interval {
            Hearing.Interval(begins: begins, from: begins, to: Made.begin.addingTimeInterval(to), why: "reset")
        }
        #expect(interval(to: 11.8).isCovered(by: gaps))
        #expect(!interval(to: 14).isCovered(by: gaps))
        #expect(!interval(to: 9.5).isCovered(by: []))
    }

    @Test("killed with its journal in memory, the service may say that its gap began with the full disk")
    func memory() {
        var made = Made(direct: [], incidents: [Made.fault(.selfKilled, 30, heals: 31)])
        made.truth = Made.running
        made.bus = [Made.up(0), Made.up(32), Made.gap(12, 32, cause: "self")]
        #expect(made.judgement.unfoundedGaps.count == 1)
        made.incidents.append(Made.fault(.diskFull, 20, heals: 22))
        #expect(made.judgement.failures == [])
    }

    @Test("killed, the service may say that it heard nothing since a note of 10 s ago, but not since before an event")
    func noted() {
        var made = Made(direct: [], incidents: [Made.fault(.selfKilled, 30, heals: 31)])
        made.truth = Made.running
        made.bus = [Made.up(0), Made.up(32), Made.gap(18.5, 32, cause: "self")]
        #expect(made.judgement.failures == [])
        made.bus[2] = Made.gap(17.5, 32, cause: "self")
        #expect(made.judgement.unfoundedGaps.count == 1)
        for (from, count) in [(19.5, 1), (20.5, 0)] {
            var lively = made
            lively.direct = [Made.heard(25.4, "resumed unpaused")]
            lively.bus[2] = Made.gap(from, 32, cause: "self")
            lively.bus.insert(Made.life("resumed", 25.4), at: 1)
            #expect(lively.judgement.unfoundedGaps.count == count)
        }
    }

    @Test("a host/up that is late itself does not say that a late gap is none")
    func comeback() {
        var made = Made(direct: [])
        made.truth = Made.running
        made.bus = [Made.up(0), Made.up(17), Made.gap(9.5, 22)]
        #expect(made.judgement.unfoundedGaps == [])
        made.bus = [Made.up(0), Made.up(24), Made.gap(9.5, 24)]
        #expect(made.judgement.unfoundedGaps.count == 1)
        // What was done meanwhile may have kept it away.
        made.incidents.append(Made.fault(.frozenLong, 11, heals: 17))
        #expect(made.judgement.unfoundedGaps == [])
    }

    @Test("what comes of a later fault says nothing of when an earlier one was over")
    func laterFault() {
        var made = Made(direct: [], incidents: [Made.fault(.frozenShort, 10), Made.fault(.reset, 40)])
        made.truth = Made.running
        made.bus = [Made.up(0), Made.up(40.5), Made.gap(20, 21), Made.gap(39, 40.5)]
        #expect(made.judgement.unfoundedGaps.count == 1)
        made.bus = [Made.up(0), Made.up(12), Made.up(40.5), Made.gap(9, 13), Made.gap(39, 40.5)]
        #expect(made.judgement.failures == [])
    }

    @Test("what is heard while a fault is being done says nothing of when it was over")
    func slowFault() {
        var made = Made(direct: [], incidents: [Made.fault(.clientDisconnected, 10, holds: 10.8)])
        made.truth = Made.running
        made.bus = [Made.up(0), Made.life("resumed", 10.1), Made.up(11.5), Made.gap(10.7, 11.5)]
        #expect(made.judgement.unfoundedGaps == [])
        made.incidents = [Made.fault(.clientDisconnected, 10)]
        #expect(made.judgement.unfoundedGaps.count == 1)
    }

    @Test("a gap before the next fault may be of one that was found out late")
    func late() {
        var made = Made(direct: [])
        made.incidents = [Made.fault(.callsSwallowed, 10, heals: 12), Made.fault(.selfKilled, 13.8, heals: 15)]
        made.truth = Made.running
        made.bus = [
            Made.up(0), Made.up(13.7), Made.gap(13.5, 13.7, cause: "daemon"), Made.up(15.5),
            Made.gap(13.7, 15.5, cause: "self"),
        ]
        #expect(made.judgement.failures == [])
        made.incidents.removeFirst()
        #expect(made.judgement.wrongCauses.count == 1)
    }
}
