import Foundation
import TestSupport
import Testing

/// The judge, where records were lost, or the service says so.
@Suite("What is believed of losses")
struct LossTests {
    private typealias Made = MadeUpCase

    private static let full = Made.fault(.diskFull, 9.2, heals: 9.3)
    private static let killed = Made.fault(.selfKilled, 9.6)

    /// Something is told that says nothing, in a gap from 9.5 to 10.6.
    private static func made(_ losses: [BusEvent], _ incidents: [Incident]) -> Made {
        var made = Made()
        made.incidents += incidents
        made.truth = Made.running
        made.bus += [Made.life("suspended", 10.7, derived: true), Made.life("resumed", 10.8, derived: true)]
        made.bus += [Made.gap(9.5, 10.6)] + losses
        return made
    }

    private func isIdle(_ loss: BusEvent? = nil, _ incidents: Incident...) -> Bool {
        !Self.made(loss.map { [$0] } ?? [], incidents).judgement.idleEvents.isEmpty
    }

    @Test(
        "what makes up for records of the host that were lost may say nothing new, in a gap that reaches back to that"
    )
    func records() {
        #expect(!isIdle(Made.dropped("room", of: "kvm1", since: 9, 9.7), Self.full))
        #expect(!isIdle(Made.dropped("memory", of: "kvm1", since: 10.5, 20), Self.full))
        #expect(isIdle(Made.dropped("room", of: "kvm2", since: 9, 9.7), Self.full), "another host's")
        #expect(isIdle(Made.dropped("in_flight", of: "kvm1", since: 9, 9.7), Self.full), "nothing was told of those")
        #expect(isIdle(Made.dropped("room", of: "kvm1", since: 9, 9.4), Self.full), "before the gap")
        #expect(isIdle(Made.dropped("room", of: "kvm1", since: 10.7, 20), Self.full), "after it")
        #expect(!isIdle(nil, Self.full, Self.killed), "nobody knows any more what had reached the bus")
        #expect(isIdle(nil, Self.full) && isIdle(nil, Self.killed))
    }

    @Test(
        "a loss that no full disk explains is found, and excuses nothing",
        arguments: ["room", "memory", "in_flight"]
    )
    func unfounded(reason: String) {
        let loss = Made.dropped(reason, of: "kvm1", since: 9, 9.7)
        #expect(Self.made([loss], []).judgement.idleEvents.count == 2)
        let later = Made.fault(.diskFull, 30, heals: 32)
        #expect(Self.made([loss], [later]).judgement.idleEvents.count == 2, "the disk was full later")
        let earlier = Made.fault(.diskFull, -20, heals: -18)
        #expect(Self.made([loss], [earlier]).judgement.idleEvents.count == 2, "it was full long before")
        var idle = Self.full
        idle.isIdle = true
        #expect(Self.made([loss], [idle]).judgement.idleEvents.count == 2, "the journal wrote all the same")
    }
}
