internal import Spool

/// Decides when what can never be sent is told anew, which is another record with another id.
///
/// At once, but for a host of which more has died since: a master that will not have the one is likely not to have the
/// other, and each that dies has cost everybody some sessions. A value without a clock.
struct DeadWatch: Sendable {
    /// How long is waited the second time; then twice as long each time, up to the longest.
    static let patience = Duration.seconds(60)
    static let longestPatience = Duration.seconds(3_600)

    private struct Row: Sendable {
        /// How many were dead when it was told anew.
        let count: Int
        let told: Duration
        let patience: Duration
    }

    private var rows: [String: Row] = [:]

    /// What is noted of hosts, by what is to be done with it.
    struct Sorted: Equatable, Sendable {
        /// Dead, and to be told anew now.
        var due: [GivenUp.Note] = []

        /// Nothing of these has died: they had to go, or were noted by a former run.
        var others: [GivenUp.Note] = []
    }

    /// - Parameters:
    ///   - notes: What the spool has noted and is not being told anew.
    ///   - dead: How many are dead of each host; asked for after `notes`, since what is counted has been noted.
    func sort(_ notes: [GivenUp.Note], dead: [String: Int], at now: Duration) -> Sorted {
        notes.reduce(into: Sorted()) { sorted, note in
            let row = rows[note.host]
            if dead[note.host, default: 0] <= row?.count ?? 0 {
                sorted.others.append(note)
            } else if row.map({ now - $0.told >= $0.patience }) ?? true {
                sorted.due.append(note)
            }
        }
    }

    /// What was due is being told anew.
    mutating func began(_ due: [GivenUp.Note], dead: [String: Int], at now: Duration) {
        for note in due {
            // Who has been calm for long begins anew.
            let former = rows[note.host].flatMap { now - $0.told < Self.longestPatience * 2 ? $0.patience * 2 : nil }
            let patience = min(former ?? Self.patience, Self.longestPatience)
            rows[note.host] = Row(count: dead[note.host, default: 0], told: now, patience: patience)
        }
    }
}
