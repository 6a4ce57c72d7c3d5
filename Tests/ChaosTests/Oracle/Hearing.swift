import Foundation
import TestSupport

/// When a host could be heard, by the log of the faults and by what came of it.
struct Hearing: Sendable {
    /// When it was up for the first time: what was before is its baseline.
    let first: Date
    /// Times in which events could have been missed, for certain.
    let outages: [Interval]

    let host: String
    /// What was really done to it.
    let incidents: [Incident]
    let bounds: Bounds

    private let ups: [Date]
    private let heard: [Date]

    init(_ host: String, _ events: [BusEvent], _ heard: [BusLife], _ incidents: [Incident], _ bounds: Bounds) {
        self.host = host
        self.bounds = bounds
        self.heard = heard.map(\.observed).sorted()
        ups = events.filter { $0.tag == "host/up" }.compactMap(\.observed).sorted()
        let first = ups.first ?? .distantFuture
        self.first = first
        self.incidents = incidents.filter { $0.touches(host) && !$0.isIdle }
        outages = self.incidents.compactMap { incident in
            guard incident.kind.effect == .outage, incident.begins > first, let heals = incident.heals
            else { return nil }
            return Interval(begins: incident.begins, from: incident.holds, to: heals, why: incident.kind.rawValue)
        }
    }

    /// Whether a gap is that of a fault, or of several in a row, and says no more than there was.
    func founds(_ gap: BusGap) -> Bool {
        incidents.contains { incident in
            let killed = killedInMemory(after: incident)
            switch incident.kind.effect {
            case .none: return false
            case .drops where gap.cause != "dropped" && !(gap.cause == "self" && killed != nil): return false
            // Nothing else takes the room of what is told.
            case .outage, .doubt: if gap.cause == "dropped" { return false }
            case .drops: break
            }
            let resumed = resumed(after: killed ?? incident)
            return gap.from >= lastProof(before: incident, isNoted: incident.kind == .selfKilled || killed != nil)
                && gap.to <= resumed.addingTimeInterval(Judgement.after)
                && gap.to >= incident.begins && gap.from <= resumed.addingTimeInterval(Judgement.blur)
        }
    }

    /// Around the end of a daemon one of two listeners may get what the other does not.
    func isDying(at moment: Date) -> Bool {
        incidents.contains { incident in
            let isDaemons = [.daemonKilled, .daemonRestarted, .allLost].contains(incident.kind)
            return isDaemons && moment >= incident.begins.addingTimeInterval(-1)
                && moment <= (incident.heals ?? .distantFuture).addingTimeInterval(1)
        }
    }

    /// The oldest that what the host was last heard by may be.
    ///
    /// - Parameter isNoted: Whether only what was noted is known of it: that is done with each event, and every 10 s.
    private func lastProof(before incident: Incident, isNoted: Bool) -> Date {
        guard isNoted else { return incident.begins.addingTimeInterval(-bounds.before) }
        let event = heard.last { $0 <= incident.begins } ?? .distantPast
        return max(
            event.addingTimeInterval(-bounds.before),
            incident.begins.addingTimeInterval(-Bounds.longestBefore)
        )
    }

    /// When something was heard again, or the host was up again.
    private func resumed(after incident: Incident) -> Date {
        let heals = incident.heals ?? .distantFuture
        // What says that it is up may itself be late.
        let up = ups.first { $0 >= heals }.map { min($0, latestComeback(before: $0, since: heals)) } ?? .distantFuture
        guard incident.kind.effect == .outage else {
            // Where events went on coming nothing else says it, and one of a later fault says nothing of this one.
            let next = incidents.map(\.begins).filter { $0 > heals }.min() ?? .distantFuture
            return up < next ? up : heals
        }
        // What was done at some moment of a while may not have been done yet when something was heard.
        let done = max(heals, incident.holds)
        return min(up, heard.first { $0 >= done } ?? .distantFuture)
    }

    /// When it should have been up that was up at some moment, by the last fault before.
    private func latestComeback(before up: Date, since heals: Date) -> Date {
        let others = incidents.filter { $0.begins <= up && $0.kind.concernsHearing }.compactMap(\.heals)
        return max(heals, others.filter { $0 <= up }.max() ?? heals).addingTimeInterval(bounds.comeback)
    }

    /// The end of the service that came while its journal may have been in memory: what it then tells anew goes back to
    /// before the disk was full.
    func killedInMemory(after incident: Incident) -> Incident? {
        guard incident.kind == .diskFull, let heals = incident.heals else { return nil }
        return incidents.first { killed in
            killed.kind == .selfKilled && killed.begins >= incident.begins
                && killed.begins <= heals.addingTimeInterval(Self.longestInMemory)
        }
    }

    /// Records of which nobody can know any more whether they reached the bus: the service was killed before the journal was
    /// told that they had.
    var maybeLost: [BusLoss] {
        incidents.compactMap { incident in
            killedInMemory(after: incident).map {
                BusLoss(since: incident.begins, told: $0.begins, hosts: [host])
            }
        }
    }

    /// How long after a disk has room again the journal may be in memory.
    static let longestInMemory = 12.0

    /// The one fault of which a gap can be; `nil` where there is none, or more than one.
    func onlyFault(in gap: BusGap) -> Incident? {
        let within = incidents.filter { incident in
            incident.kind.effect != .none && incident.begins <= gap.to.addingTimeInterval(Judgement.blur)
                && max(incident.heals ?? .distantFuture, resumed(after: incident))
                    >= gap.from.addingTimeInterval(-Judgement.blur)
        }
        return within.count == 1 ? within.first : nil
    }

    /// Whether an event may be under way for long, between when it happened and when it was told.
    func isSlow(from happened: Date, to told: Date) -> Bool {
        incidents.contains { incident in
            incident.kind.holdsUp && happened <= (incident.heals ?? .distantFuture).addingTimeInterval(Self.catchUp)
                && told >= incident.begins
        }
    }

    /// How long what was sent again and again takes after its way is free.
    private static let catchUp = 2.0
}
