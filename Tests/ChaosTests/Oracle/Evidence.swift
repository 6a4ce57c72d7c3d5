import Foundation
import TestSupport

/// All that is known after a schedule, of which a judgement is made.
struct Evidence: Sendable {
    struct HostEvidence: Sendable {
        let name: String
        let baseline: ObjectTable
        let truth: ObjectTable
        let direct: [DirectEvent]
        /// How many came to something.
        let changes: Int
    }

    let schedule: Schedule
    let hosts: [HostEvidence]
    let incidents: [Incident]
    let bus: [BusEvent]
    /// From here on nothing was done and nothing was left to be told.
    let quiet: Date
    let bounds: Bounds

    var changes: Int { hosts.map(\.changes).reduce(0, +) }
}

extension Evidence {
    /// What was really done; one that is done to all hosts at once is one.
    var done: [FaultKind] { kinds { !$0.isIdle } }

    /// What came to nothing, since there was nothing that it could do.
    var idle: [FaultKind] { kinds(\.isIdle) }

    private func kinds(_ isMeant: (Incident) -> Bool) -> [FaultKind] {
        incidents.filter { incident in
            isMeant(incident) && (incident.kind != .allLost || incident.host == hosts.first?.name)
        }.map(\.kind)
    }

    /// What is missing for it to say anything; `nil` = nothing is.
    var lack: String? {
        let (least, kinds, ofEach) = (Schedule.least, Set(done).count, hosts.map(\.changes).min() ?? 0)
        if changes < least.changes || ofEach < least.ofEach || done.count < least.faults || kinds < least.kinds {
            return "only \(changes) changes, \(ofEach) of one host, \(done.count) faults of \(kinds) kinds were done"
        }
        guard !done.contains(schedule.featured) else { return nil }
        return "it was the turn of \(schedule.featured.rawValue), which came to nothing"
    }
}
