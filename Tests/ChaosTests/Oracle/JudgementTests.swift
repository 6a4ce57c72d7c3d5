import Foundation
import TestSupport
import Testing

/// The judge, with evidence that is made up: it finds what is wrong, and only that.
@Suite("The judge of chaos")
struct JudgementTests {
    private typealias Made = MadeUpCase

    @Test("a gap that is said and repaired is fine")
    func repaired() {
        var made = Made()
        made.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6)]
        #expect(made.judgement.failures == [])
        #expect(made.judgement.gaps == 1)
    }

    @Test("a service that says nothing has a state that is wrong, an outage and a missed event that are not covered")
    func silent() {
        let judgement = Made().judgement
        #expect(judgement.stateMismatches.count == 1)
        #expect(judgement.uncoveredGaps.count == 2)
    }

    @Test("a gap that is late, early, of another class or of a host that nothing was done to is found")
    func wrongGaps() {
        var late = Made()
        late.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(11.5, 12)]
        #expect(late.judgement.uncoveredGaps.count == 2)
        var early = Made()
        early.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(4.9, 10.6)]
        #expect(early.judgement.unfoundedGaps.count == 1)
        early.bounds = .crowded
        #expect(early.judgement.failures == [])
        early.bus[3] = Made.gap(-3, 10.6)
        #expect(early.judgement.unfoundedGaps.count == 1)
        var long = Made()
        long.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 16)]
        #expect(long.judgement.unfoundedGaps.count == 1)
        var other = Made()
        other.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6, of: [.network])]
        #expect(other.judgement.uncoveredGaps.count == 2)
        var untouched = Made()
        untouched.incidents = []
        untouched.bus = [Made.up(0), Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6)]
        #expect(untouched.judgement.unfoundedGaps.count == 1)
        var masters = Made()
        masters.incidents = [Made.fault(.masterRestarted, 10)]
        masters.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6)]
        #expect(masters.judgement.unfoundedGaps.count == 1)
        var dropped = Made()
        dropped.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6, cause: "dropped")]
        #expect(dropped.judgement.unfoundedGaps.count == 1, "no disk was full")
    }

    @Test("an event that says nothing new, that nobody heard, or that comes in the quiet is found")
    func idle() {
        var made = Made()
        made.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6)]
        var twice = made
        twice.bus.append(Made.life("suspended", 10.8, derived: true))
        #expect(twice.judgement.idleEvents.count == 1)
        var invented = made
        invented.bus += [Made.life("resumed", 20), Made.life("suspended", 20.1)]
        #expect(invented.judgement.idleEvents.count == 2)
        var late = made
        late.bus.append(Made.bus("host/degraded", 61, [:]))
        #expect(late.judgement.idleEvents.count == 1)
    }

    @Test("two events with one id are found, repeats and what somebody asked for again are not")
    func identities() {
        var made = Made()
        made.bus += [Made.life("suspended", 10.7, derived: true, id: "i/kvm1/1"), Made.gap(9.5, 10.6)]
        var repeated = made
        repeated.bus.append(made.bus[2])
        #expect(repeated.judgement.failures == [])
        var replayed = made
        replayed.bus.append(Made.bus("host/up", 3, ["relay": ["replay": true]], id: "i/kvm1/1"))
        #expect(replayed.judgement.failures == [])
        var two = made
        two.bus.append(Made.life("resumed", 10.9, id: "i/kvm1/1"))
        #expect(two.judgement.duplicateIDs.count == 1)
    }

    @Test("an object's events of a gap that together say nothing are found, but for those of what was dropped")
    func circle() {
        var made = Made()
        made.truth = Made.running
        made.bus += [Made.life("suspended", 10.7, derived: true), Made.life("resumed", 10.8, derived: true)]
        var lost = made
        made.bus.append(Made.gap(9.5, 10.6))
        #expect(made.judgement.idleEvents.count == 1)
        lost.bus += [Made.gap(9.5, 10.6, cause: "dropped")]
        #expect(lost.judgement.idleEvents.count == 1, "no disk was full")
        lost.incidents.append(Made.fault(.diskFull, 9.2, heals: 9.3))
        #expect(lost.judgement.idleEvents == [])
    }

    @Test("a cause that the one fault of a gap cannot have is found, and where there were two nothing is said of it")
    func causes() {
        var made = Made()
        made.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6, cause: "self")]
        #expect(made.judgement.wrongCauses.count == 1)
        made.incidents.append(Made.fault(.selfKilled, 10.1))
        #expect(made.judgement.wrongCauses == [])
    }

    @Test("a class that a gap does not name is not covered by it")
    func classes() {
        var made = Made()
        made.bus += [Made.life("suspended", 10.7, derived: true), Made.gap(9.5, 10.6, of: [.domain, .pool])]
        #expect(made.judgement.uncoveredGaps.count == 1)
        made.bus.append(Made.gap(9.6, 10.65, of: [.network]))
        #expect(made.judgement.failures == [])
    }
}
