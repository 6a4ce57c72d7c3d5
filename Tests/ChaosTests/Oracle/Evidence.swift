import Foundation
import TestSupport

/// All that is known after a schedule, of which a judgement is made.
struct Evidence: Sendable {
    struct HostEvidence: Sendable {
        let name: String
        let baseline: ObjectTable
        let truth: ObjectTable
        let direct: [DirectEvent]
    }

    let schedule: Schedule
    let hosts: [HostEvidence]
    let incidents: [Incident]
    let bus: [BusEvent]
    /// From here on nothing was done and nothing was left to be told.
    let quiet: Date
    let changes: Int
}

extension Evidence {
    /// What was really done; one that is done to all hosts at once is one.
    var done: [FaultKind] {
        incidents.filter { incident in
            !incident.isIdle && (incident.kind != .allLost || incident.host == hosts.first?.name)
        }.map(\.kind)
    }

    /// What is missing for it to say anything; `nil` = nothing is.
    var lack: String? {
        let kinds = Set(done).count
        guard changes < Schedule.least.changes || done.count < Schedule.least.faults || kinds < Schedule.least.kinds
        else { return nil }
        return "only \(changes) changes, \(done.count) faults of \(kinds) kinds were really done"
    }
}
