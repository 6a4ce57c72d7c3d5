import Foundation
import TestSupport
import Testing

/// The judge, with evidence that is made up: it finds what is wrong, and only that.
@Suite("The judge of chaos")
struct JudgementTests {
    private static let begin = Date(timeIntervalSince1970: 1_800_000_000)
    private static let uuid = "c4a05000-0000-4000-8000-000000000001"
    private static let key = ObjectName(object: .domain, uuid: uuid)
    private static let running: ObjectTable = [key: ObjectFacts(name: "a", persistent: true, state: "running")]
    private static let paused: ObjectTable = [key: ObjectFacts(name: "a", persistent: true, state: "paused")]

    /// A host that is running, is reset in the 10th second and is up again half a second later; it was paused between.
    private struct Case {
        var bus: [BusEvent] = [up(0), up(10.6)]
        var baseline = running
        var truth = paused
        var direct = [heard(10.2, "suspended paused")]
        var incidents = [fault(.reset, 10)]

        var judgement: Judgement {
            Judgement(
                Evidence(
                    schedule: Schedule(seed: 1, number: 1),
                    hosts: [.init(name: "kvm1", baseline: baseline, truth: truth, direct: direct)],
                    incidents: incidents,
                    bus: bus,
                    quiet: begin.addingTimeInterval(30),
                    changes: 1
                )
            )
        }
    }

    private static func at(_ seconds: Double) -> String {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(begin.addingTimeInterval(seconds))
    }

    private static func bus(_ tail: String, _ seconds: Double, _ data: [String: JSONValue], id: String? = nil)
        -> BusEvent
    {
        let own: [String: JSONValue] = [
            "id": .string(id ?? "i/kvm1/\(tail)\(seconds)"), "observed": .string(at(seconds)),
        ]
        let relay = own.merging(data["relay"]?.object ?? [:]) { $1 }
        return BusEvent(
            tag: "\(BusRecord.prefix)/kvm1/\(tail)",
            data: .object(data.merging(["relay": .object(relay)]) { $1 })
        )
    }

    private static func up(_ seconds: Double) -> BusEvent { bus("host/up", seconds, [:]) }

    private static func life(_ word: String, _ seconds: Double, derived: Bool = false, id: String? = nil) -> BusEvent {
        let mark: [String: JSONValue] =
            derived ? ["relay": ["synthetic": ["basis": "resync", "to": .string(at(10.6))]]] : [:]
        let data: [String: JSONValue] = [
            "event": .string(word), "detail": "unknown", "domain": ["name": "a", "uuid": .string(uuid), "id": 1],
        ]
        return bus("domain/lifecycle", seconds, data.merging(mark) { $1 }, id: id)
    }

    private static func gap(_ from: Double, _ to: Double, cause: String = "unknown", of object: String = "domain")
        -> BusEvent
    {
        bus(
            "host/gap",
            to,
            ["from": .string(at(from)), "to": .string(at(to)), "cause": .string(cause), "classes": [.string(object)]]
        )
    }

    private static func heard(_ seconds: Double, _ words: String) -> DirectEvent {
        DirectEvent(at: begin.addingTimeInterval(seconds), object: .domain, name: "a", words: words)
    }

    private static func fault(_ kind: FaultKind, _ seconds: Double, heals: Double? = nil) -> Incident {
        let begins = begin.addingTimeInterval(seconds)
        return Incident(
            kind: kind,
            host: "kvm1",
            begins: begins,
            holds: begins,
            heals: begin.addingTimeInterval(heals ?? seconds)
        )
    }

    @Test("a gap that is said and repaired is fine")
    func repaired() {
        var made = Case()
        made.bus += [Self.life("suspended", 10.7, derived: true), Self.gap(9.5, 10.6)]
        #expect(made.judgement.failures == [])
        #expect(made.judgement.gaps == 1)
    }

    @Test("a service that says nothing has a state that is wrong, an outage and a missed event that are not covered")
    func silent() {
        let judgement = Case().judgement
        #expect(judgement.stateMismatches.count == 1)
        #expect(judgement.uncoveredGaps.count == 2)
    }

    @Test("a gap that is late, early, of another class or of a host that nothing was done to is found")
    func wrongGaps() {
        var late = Case()
        late.bus += [Self.life("suspended", 10.7, derived: true), Self.gap(11.5, 12)]
        #expect(late.judgement.uncoveredGaps.count == 2)
        var early = Case()
        early.bus += [Self.life("suspended", 10.7, derived: true), Self.gap(-3, 10.6)]
        #expect(early.judgement.unfoundedGaps.count == 1)
        var long = Case()
        long.bus += [Self.life("suspended", 10.7, derived: true), Self.gap(9.5, 16)]
        #expect(long.judgement.unfoundedGaps.count == 1)
        var other = Case()
        other.bus += [Self.life("suspended", 10.7, derived: true), Self.gap(9.5, 10.6, of: "network")]
        #expect(other.judgement.uncoveredGaps.count == 1)
        var untouched = Case()
        untouched.incidents = []
        untouched.bus += [Self.life("suspended", 10.7, derived: true), Self.gap(9.5, 10.6)]
        #expect(untouched.judgement.unfoundedGaps.count == 1)
        var masters = Case()
        masters.incidents = [Self.fault(.masterRestarted, 10)]
        masters.bus += [Self.life("suspended", 10.7, derived: true), Self.gap(9.5, 10.6)]
        #expect(masters.judgement.unfoundedGaps.count == 1)
    }

    @Test("an event that says nothing new, that nobody heard, or that comes in the quiet is found")
    func idle() {
        var made = Case()
        made.bus += [Self.life("suspended", 10.7, derived: true), Self.gap(9.5, 10.6)]
        var twice = made
        twice.bus.append(Self.life("suspended", 10.8, derived: true))
        #expect(twice.judgement.idleEvents.count == 1)
        var invented = made
        invented.bus += [Self.life("resumed", 20), Self.life("suspended", 20.1)]
        #expect(invented.judgement.idleEvents.count == 2)
        var late = made
        late.bus.append(Self.bus("host/degraded", 31, [:]))
        #expect(late.judgement.idleEvents.count == 1)
    }

    @Test("two events with one id are found, repeats and what somebody asked for again are not")
    func identities() {
        var made = Case()
        made.bus += [Self.life("suspended", 10.7, derived: true, id: "i/kvm1/1"), Self.gap(9.5, 10.6)]
        var repeated = made
        repeated.bus.append(made.bus[2])
        #expect(repeated.judgement.failures == [])
        var replayed = made
        replayed.bus.append(Self.bus("host/up", 3, ["relay": ["replay": true]], id: "i/kvm1/1"))
        #expect(replayed.judgement.failures == [])
        var two = made
        two.bus.append(Self.life("resumed", 10.9, id: "i/kvm1/1"))
        #expect(two.judgement.duplicateIDs.count == 1)
    }

    @Test("of events of one kind it is the right one that is missed, and what comes late finds its own")
    func matching() throws {
        let happened = [
            Self.heard(1, "suspended paused"), Self.heard(5, "suspended paused"), Self.heard(9, "suspended paused"),
        ]
        func lives(_ seconds: Double...) throws -> [BusLife] {
            try seconds.map { second in
                var event = Self.life("suspended", second)
                event = BusEvent(tag: "domain/lifecycle", data: event.data)
                return try #require(BusLife(event))
            }
        }
        let (one, all, more) = (try lives(1, 9), try lives(1.1, 9.1, 9.2), try lives(0, 1, 5, 9))
        #expect(Matching(direct: happened, heard: one).missed == [happened[1]])
        #expect(Matching(direct: happened, heard: all).missed == [])
        #expect(Matching(direct: happened, heard: more).unheard.count == 1)
        let (early, late) = (try lives(6), try lives(5.2))
        #expect(Matching(direct: happened, heard: one, derived: early).missed == [happened[1]])
        #expect(Matching(direct: happened, heard: one, derived: late).missed == [])
    }

    @Test("outages in a row may be covered by gaps in a row")
    func row() {
        let gaps = [(9.0, 10.6), (10.6, 12.0)].map { from, to in
            BusGap(
                from: Self.begin.addingTimeInterval(from),
                to: Self.begin.addingTimeInterval(to),
                classes: ["domain"],
                cause: "unknown"
            )
        }
        let begins = Self.begin.addingTimeInterval(9.5)
        func interval(to: Double) -> Hearing.Interval {
            Hearing.Interval(begins: begins, from: begins, to: Self.begin.addingTimeInterval(to), why: "reset")
        }
        #expect(interval(to: 11.8).isCovered(by: gaps))
        #expect(!interval(to: 14).isCovered(by: gaps))
        #expect(!interval(to: 9.5).isCovered(by: []))
    }
}
