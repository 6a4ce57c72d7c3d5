import Foundation
import TestSupport

/// Evidence that is made up: a host that is running, is reset in the 10th second and is up again half a second later; it was
/// paused between.
struct MadeUpCase {
    var bus: [BusEvent] = [Self.up(0), Self.up(10.6)]
    var baseline = Self.running
    var truth = Self.paused
    var direct = [Self.heard(10.2, "suspended paused")]
    var incidents = [Self.fault(.reset, 10)]

    var changes = [1]
    var bounds = Bounds.alone

    var judgement: Judgement { Judgement(evidence) }

    var evidence: Evidence {
        Evidence(
            schedule: Self.schedule,
            hosts: changes.enumerated().map { place, count in
                place == 0
                    ? .init(name: "kvm1", baseline: baseline, truth: truth, direct: direct, changes: count)
                    : .init(name: Schedule.name(place), baseline: [:], truth: [:], direct: [], changes: count)
            },
            incidents: incidents,
            bus: bus,
            quiet: Self.begin.addingTimeInterval(60),
            bounds: bounds
        )
    }

    private static let schedule = Schedule(
        seed: 1,
        number: 1,
        isLong: false,
        featured: .reset,
        ways: [.relay],
        faults: [],
        length: 9
    )

    static let begin = Date(timeIntervalSince1970: 1_800_000_000)
    private static let uuid = "c4a05000-0000-4000-8000-000000000001"
    private static let key = ObjectName(object: .domain, uuid: uuid)
    static let running: ObjectTable = [key: ObjectFacts(name: "a", persistent: true, state: "running")]
    static let paused: ObjectTable = [key: ObjectFacts(name: "a", persistent: true, state: "paused")]

    static func at(_ seconds: Double) -> String {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(begin.addingTimeInterval(seconds))
    }

    static func bus(_ tail: String, _ seconds: Double, _ data: [String: JSONValue], id: String? = nil)
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

    static func up(_ seconds: Double) -> BusEvent { bus("host/up", seconds, [:]) }

    static func life(_ word: String, _ seconds: Double, derived: Bool = false, id: String? = nil) -> BusEvent {
        let mark: [String: JSONValue] =
            derived ? ["relay": ["synthetic": ["basis": "resync", "to": .string(at(10.6))]]] : [:]
        let data: [String: JSONValue] = [
            "event": .string(word), "detail": "unknown", "domain": ["name": "a", "uuid": .string(uuid), "id": 1],
        ]
        return bus("domain/lifecycle", seconds, data.merging(mark) { $1 }, id: id)
    }

    static func gap(
        _ from: Double,
        _ to: Double,
        cause: String = "unknown",
        of classes: [ObjectClass] = ObjectClass.allCases
    )
        -> BusEvent
    {
        bus(
            "host/gap",
            to,
            [
                "from": .string(at(from)), "to": .string(at(to)), "cause": .string(cause),
                "classes": .array(classes.map { .string($0.rawValue) }),
            ]
        )
    }

    static func dropped(_ reason: String, of host: String, since: Double, _ seconds: Double) -> BusEvent {
        BusEvent(
            tag: "\(BusRecord.prefix)/aggregator/dropped",
            data: [
                "since": .string(at(since)), "counts": [reason: 3], "hosts": [host: 3],
                "relay": ["id": .string("i/_/\(seconds)"), "observed": .string(at(seconds))],
            ]
        )
    }

    static func heard(_ seconds: Double, _ words: String) -> DirectEvent {
        DirectEvent(at: begin.addingTimeInterval(seconds), object: .domain, name: "a", words: words)
    }

    static func fault(_ kind: FaultKind, _ seconds: Double, holds: Double? = nil, heals: Double? = nil) -> Incident {
        let begins = begin.addingTimeInterval(seconds)
        return Incident(
            kind: kind,
            host: "kvm1",
            begins: begins,
            holds: begin.addingTimeInterval(holds ?? seconds),
            heals: begin.addingTimeInterval(heals ?? seconds)
        )
    }
}
