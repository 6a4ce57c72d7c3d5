import Foundation
import TestSupport

/// What is wrong with what a service told of a schedule: pure, from the evidence alone.
struct Judgement: Sendable {
    /// How long after hearing has come back a gap may end.
    static let after = 5.0

    /// The difference between two readers of one clock, and between an event and its callback.
    static let blur = 0.5

    private(set) var gaps = 0
    private(set) var stateMismatches: [String] = []
    private(set) var uncoveredGaps: [String] = []
    private(set) var duplicateIDs: [String] = []
    /// Gaps of a host that nothing was done to, or that say more than there was.
    private(set) var unfoundedGaps: [String] = []
    /// Faults that had to be found out, and were not.
    private(set) var unnoticedFaults: [String] = []
    /// Gaps of one fault that say another cause.
    private(set) var wrongCauses: [String] = []
    /// Events that say nothing new, of which nobody else heard, or for which there was no reason.
    private(set) var idleEvents: [String] = []

    var failures: [String] {
        [
            ("state", stateMismatches), ("uncovered", uncoveredGaps), ("duplicate id", duplicateIDs),
            ("unfounded gap", unfoundedGaps), ("unnoticed fault", unnoticedFaults), ("wrong cause", wrongCauses),
            ("idle event", idleEvents),
        ].flatMap { kind, lines in lines.map { "\(kind): \($0)" } }
    }

    init(_ evidence: Evidence) {
        let record = BusRecord(evidence.bus)
        duplicateIDs = record.duplicates
        let losses = record.firsts.compactMap(BusLoss.init)
        let founded = losses.filter { $0.isFounded(by: evidence.incidents) }
        if founded.count < losses.count {
            idleEvents.append("\(losses.count - founded.count) aggregator/dropped, and no disk was full")
        }
        for host in evidence.hosts {
            let lost = founded.filter { $0.isOfJournal && $0.hosts.contains(host.name) }
            judge(host, record.events(of: host.name), lost, evidence)
        }
    }

    private mutating func judge(
        _ host: Evidence.HostEvidence,
        _ events: [BusEvent],
        _ losses: [BusLoss],
        _ evidence: Evidence
    ) {
        let lives = events.compactMap(BusLife.init)
        let gaps = events.compactMap(BusGap.init)
        let heard = lives.filter { $0.basis == nil }
        self.gaps += gaps.count

        let hearing = Hearing(host.name, events, heard, evidence.incidents, evidence.bounds)
        let matching = Matching(
            direct: host.direct,
            heard: heard,
            derived: lives.filter(\.isDerived),
            isSlow: hearing.isSlow
        )

        // What says of itself that it makes up for a loss is believed where there was one.
        let believed = gaps.filter { $0.cause != "dropped" || hearing.founds($0) }
        judgeState(host, lives, Derivations(believed, losses + hearing.maybeLost))
        judgeCover(host, gaps, hearing, matching)
        for gap in gaps { judge(gap, of: host.name, hearing) }
        for event in matching.unheard where !hearing.isDying(at: event.observed) {
            idleEvents.append("\(host.name): nobody else heard \(event.observed.clock) \(event.name) \(event.event)")
        }
        for event in events {
            if event.observed.map({ $0 > evidence.quiet }) ?? false, !hearing.isExcused(event) {
                idleEvents.append("\(host.name): in the quiet after all: \(event)")
            } else if event.tag.hasPrefix("host/"), event.tag != "host/gap", !hearing.founds(event) {
                idleEvents.append("\(host.name): nothing was done to it: \(event)")
            }
        }
        unnoticedFaults += hearing.unnoticed(events).map { "\(host.name): \($0)" }
    }

    private mutating func judge(_ gap: BusGap, of host: String, _ hearing: Hearing) {
        if !hearing.founds(gap) { unfoundedGaps.append("\(host): \(gap)") }
        if let fault = hearing.onlyFault(in: gap), !fault.kind.causes.contains(gap.cause) {
            wrongCauses.append("\(host): \(gap); there was \(fault) alone")
        }
    }

    private mutating func judgeState(_ host: Evidence.HostEvidence, _ lives: [BusLife], _ derivations: Derivations) {
        var reduced = ReducedTable(baseline: host.baseline)
        var derivations = derivations
        for life in lives {
            let before = reduced.table[life.key]
            reduced.apply(life)
            derivations.add(life, before, reduced.table[life.key])
        }
        idleEvents += derivations.idle.map { "\(host.name): derived and nothing new: \($0)" }
        stateMismatches += reduced.differences(from: host.truth).map { "\(host.name): \($0)" }
    }

    private mutating func judgeCover(
        _ host: Evidence.HostEvidence,
        _ gaps: [BusGap],
        _ hearing: Hearing,
        _ matching: Matching
    ) {
        for interval in hearing.outages {
            let classes = interval.uncovered(by: gaps).map(\.rawValue).joined(separator: " ")
            guard !classes.isEmpty else { continue }
            uncoveredGaps.append("\(host.name): \(interval) is not within \(gaps), of \(classes)")
        }
        let missed = matching.missed.filter { event in
            event.at >= hearing.first
                && !gaps.contains { gap in
                    gap.classes.contains(event.object.rawValue)
                        && gap.from <= event.at.addingTimeInterval(Self.blur)
                        && gap.to >= event.at.addingTimeInterval(-Self.blur)
                }
        }
        // One line for all of a time, or nobody reads them.
        if let first = missed.first, let last = missed.last {
            uncoveredGaps.append(
                "\(host.name): \(missed.count) events were missed, none of them within a gap: \(first) … \(last)"
            )
        }
    }
}

extension BusEvent {
    var observed: Date? { data["relay"]?["observed"]?.string.flatMap(Moment.parse) }
}
