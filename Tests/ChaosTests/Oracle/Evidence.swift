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
