import Foundation
import TestSupport
import Testing

@Suite("What a host says of its connection")
struct NewsTests {
    private typealias Made = MadeUpCase

    private static let alarm = [
        Made.bus("host/degraded", 20, ["doubt": "probe"]), Made.bus("host/recovered", 20.6, ["doubt": "probe"]),
    ]

    /// A host that is up and stays so.
    private static func quiet(_ incidents: Incident...) -> Made {
        var made = Made(direct: [], incidents: incidents)
        (made.bus, made.truth) = ([Made.up(0)], Made.running)
        return made
    }

    @Test("whatever a host says that nothing was done to is found", arguments: ["down", "up", "flapping", "degraded"])
    func untouched(word: String) {
        var made = Self.quiet()
        made.bus.append(Made.bus("host/\(word)", 20, [:]))
        #expect(made.judgement.idleEvents.count == 1)
        made.incidents = [Made.fault(.masterRestarted, 19, heals: 22)]
        #expect(made.judgement.idleEvents.count == 1, "a master is no host's matter")
    }

    @Test("so is what comes before the first fault, or long after the last")
    func touched() {
        for (begins, heals, count) in [(19.5, 20.0, 0), (22, 23, 2), (2, 3, 2), (2, 12, 0)] {
            var made = Self.quiet(Made.fault(.frozenShort, begins, heals: heals))
            made.bus += Self.alarm
            #expect(made.judgement.idleEvents.count == count, "\(begins) to \(heals)")
        }
    }

    @Test("what is told before a host was first up needs no reason, and a slow probe none on a busy machine")
    func granted() {
        var late = Self.quiet()
        late.bus.insert(Made.bus("host/down", -1, [:]), at: 0)
        #expect(late.judgement.failures == [])
        var busy = Self.quiet()
        busy.bus += Self.alarm
        #expect(busy.judgement.idleEvents.count == 2)
        busy.bounds = .crowded
        #expect(busy.judgement.failures == [])
        busy.bus.append(Made.bus("host/degraded", 21, ["doubt": "audit", "class": "pool"]))
        #expect(busy.judgement.idleEvents.count == 1)
        var quiet = Self.quiet()
        quiet.bus.append(Made.bus("host/degraded", 61, ["doubt": "probe"]))
        #expect(quiet.judgement.idleEvents.count == 1)
        quiet.bounds = .crowded
        #expect(quiet.judgement.failures == [])
        quiet.bus.append(Made.bus("host/degraded", 62, ["doubt": "audit", "class": "pool"]))
        #expect(quiet.judgement.idleEvents.count == 1)
    }

    @Test("what a full disk lost may be said again")
    func again() {
        var made = Self.quiet(Made.fault(.diskFull, 15, heals: 17))
        made.bus.append(Made.up(20))
        #expect(made.judgement.failures == [])
        made.bus.append(Made.bus("host/down", 21, [:]))
        #expect(made.judgement.idleEvents.count == 1)
    }

    @Test("calls that are swallowed must be found out, unless the host was not up or the service was killed")
    func swallowed() {
        var made = Self.quiet(Made.fault(.callsSwallowed, 10, heals: 12.5))
        #expect(made.judgement.unnoticedFaults.count == 1)
        for word in ["degraded", "down"] {
            var found = made
            found.bus.append(Made.bus("host/\(word)", 13, [:]))
            #expect(found.judgement.failures == [])
            found.bus[1] = Made.bus("host/\(word)", 18, [:])
            #expect(found.judgement.unnoticedFaults.count == 1, "late")
            found.bounds = .crowded
            #expect(found.judgement.failures == [])
            found.bus.removeLast()
            #expect(found.judgement.unnoticedFaults.count == 1)
        }
        var killed = made
        killed.incidents.append(Made.fault(.selfKilled, 12, heals: 12.1))
        #expect(killed.judgement.unnoticedFaults == [])
        killed.incidents[1] = Made.fault(.selfKilled, 30, heals: 30.1)
        #expect(killed.judgement.unnoticedFaults.count == 1)
        made.bus.append(Made.bus("host/down", 9, [:]))
        #expect(made.judgement.unnoticedFaults == [])
    }

    @Test("a class that stays deaf must be found out")
    func deaf() {
        var made = Self.quiet(Made.fault(.classDeaf, 10, heals: 15))
        #expect(made.judgement.unnoticedFaults == [])
        made.incidents[0].isOverdue = true
        #expect(made.judgement.unnoticedFaults.count == 1)
    }
}
