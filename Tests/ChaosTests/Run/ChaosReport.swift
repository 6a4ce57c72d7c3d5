import Foundation
import TestSupport

/// What many schedules came to.
struct ChaosReport: Sendable, Encodable {
    let seed: UInt64
    private(set) var schedules = 0
    /// Those that were done, by their kinds.
    private(set) var faults: [String: Int] = [:]
    /// Those that came to nothing, by their kinds.
    private(set) var idleFaults: [String: Int] = [:]
    private(set) var changes = 0
    private(set) var gaps = 0
    private(set) var stateMismatches = 0
    private(set) var uncoveredGaps = 0
    private(set) var duplicateIDs = 0
    private(set) var unfoundedGaps = 0
    private(set) var unnoticedFaults = 0
    private(set) var wrongCauses = 0
    private(set) var idleEvents = 0
    /// Schedules that could not be carried out, or of which too little was.
    private(set) var broken = 0

    init(seed: UInt64) {
        self.seed = seed
    }

    mutating func add(_ evidence: Evidence, _ judgement: Judgement) {
        schedules += 1
        for kind in evidence.done { faults[kind.rawValue, default: 0] += 1 }
        for kind in evidence.idle { idleFaults[kind.rawValue, default: 0] += 1 }
        if evidence.lack != nil { broken += 1 }
        changes += evidence.changes
        gaps += judgement.gaps
        stateMismatches += judgement.stateMismatches.count
        uncoveredGaps += judgement.uncoveredGaps.count
        duplicateIDs += judgement.duplicateIDs.count
        unfoundedGaps += judgement.unfoundedGaps.count
        unnoticedFaults += judgement.unnoticedFaults.count
        wrongCauses += judgement.wrongCauses.count
        idleEvents += judgement.idleEvents.count
    }

    mutating func addBroken() { broken += 1 }

    var isClean: Bool {
        stateMismatches + uncoveredGaps + duplicateIDs + unfoundedGaps + unnoticedFaults + wrongCauses + idleEvents
            + broken == 0
    }

    private enum CodingKeys: String, CodingKey {
        case seed, schedules, faults, changes, gaps, broken
        case idleFaults = "idle_faults"
        case stateMismatches = "state_mismatches"
        case uncoveredGaps = "uncovered_gaps"
        case duplicateIDs = "duplicate_ids"
        case unfoundedGaps = "unfounded_gaps"
        case unnoticedFaults = "unnoticed_faults"
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
