import Foundation
import TestSupport

/// What many schedules came to.
struct ChaosReport: Sendable, Encodable {
    let seed: UInt64
    private(set) var schedules = 0
    /// By their kinds.
    private(set) var faults: [String: Int] = [:]
    private(set) var changes = 0
    private(set) var gaps = 0
    private(set) var stateMismatches = 0
    private(set) var uncoveredGaps = 0
    private(set) var duplicateIDs = 0
    private(set) var unfoundedGaps = 0
    private(set) var wrongCauses = 0
    private(set) var idleEvents = 0
    /// Schedules that could not be carried out.
    private(set) var broken = 0

    init(seed: UInt64) {
        self.seed = seed
    }

    mutating func add(_ evidence: Evidence, _ judgement: Judgement) {
        schedules += 1
        for fault in evidence.schedule.faults { faults[fault.kind.rawValue, default: 0] += 1 }
        changes += evidence.changes
        gaps += judgement.gaps
        stateMismatches += judgement.stateMismatches.count
        uncoveredGaps += judgement.uncoveredGaps.count
        duplicateIDs += judgement.duplicateIDs.count
        unfoundedGaps += judgement.unfoundedGaps.count
        wrongCauses += judgement.wrongCauses.count
        idleEvents += judgement.idleEvents.count
    }

    mutating func addBroken() { broken += 1 }

    var isClean: Bool {
        stateMismatches + uncoveredGaps + duplicateIDs + unfoundedGaps + wrongCauses + idleEvents + broken == 0
    }

    private enum CodingKeys: String, CodingKey {
        case seed, schedules, faults, changes, gaps, broken
        case stateMismatches = "state_mismatches"
        case uncoveredGaps = "uncovered_gaps"
        case duplicateIDs = "duplicate_ids"
        case unfoundedGaps = "unfounded_gaps"
        case wrongCauses = "wrong_causes"
        case idleEvents = "idle_events"
    }

    /// One line.
    func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension Evidence {
    /// Everything in the order of its time, for who has to find out why.
    func timeline(serviceLog: [JSONValue]) -> String {
        var lines: [(at: Date, text: String)] = []
        for incident in incidents {
            lines.append((incident.begins, "FAULT  \(incident)"))
            if let heals = incident.heals {
                lines.append((heals, "HEALS  \(incident.kind.rawValue) of \(incident.host ?? "all")"))
            }
        }
        for host in hosts {
            lines += host.direct.map { ($0.at, "direct \(host.name) \($0.object) \($0.name): \($0.words)") }
        }
        for event in BusRecord(bus).firsts {
            let tail = event.tag.dropFirst(BusRecord.prefix.count + 1)
            var data = event.data.object ?? [:]
            let id = data["relay"]?["id"]?.string ?? ""
            let synthetic = data["relay"]?["synthetic"].map { " DERIVED \($0["basis"]?.string ?? "")" } ?? ""
            for key in ["uri", "relay", "_stamp", "host", "registered", "refused", "older_forms"] { data[key] = nil }
            lines.append((event.observed ?? .distantPast, "bus    \(tail) \(JSONValue.object(data))\(synthetic) \(id)"))
        }
        for line in serviceLog {
            guard let at = line["time"]?.string.flatMap(Moment.parse) else { continue }
            lines.append((at, "log    \(line)"))
        }
        lines.append((quiet, "QUIET"))
        return lines.sorted { $0.at < $1.at }.map { "\($0.at.clock) \($0.text)\n" }.joined()
    }
}
