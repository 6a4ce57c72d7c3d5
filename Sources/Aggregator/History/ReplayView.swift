/// A replay as the admin interface shows it.
struct ReplayView: Codable, Equatable, Sendable {
    /// How far a replay is.
    enum Phase: String, Codable, Sendable {
        /// There has been none since the service started.
        case none

        /// Nothing is told again: somebody wants to know what would be.
        case dryRun = "dry_run"

        /// What is meant is being counted.
        case counting
        case running

        /// Others wait to be sent already, and go first.
        case held
        case done

        /// Somebody, or the end of the service, ended it early.
        case stopped

        /// The spool could not be read.
        case failed

        var isOver: Bool {
            switch self {
            case .counting, .running, .held: false
            case .none, .dryRun, .done, .stopped, .failed: true
            }
        }
    }

    var phase = Phase.none
    var selected = ReplayCounts()

    /// By which it can be asked for; `nil` = there has been none.
    ///
    /// No two have the same, dry runs included.
    var id: Int64?

    /// How much of what is kept has been looked through, from 0 to 1, while it is counted.
    var counted: Double?

    /// How many have been told again, that is, are on their way to the bus.
    var sent = 0

    /// Records that hold no event, which cannot be marked.
    var skipped = 0

    /// How many were not kept any more when it was their turn.
    var missing = 0

    /// Events per second, at most.
    var rate = 0
    var by = ""
    var started: String?
    var ended: String?

    /// Why it failed.
    var message: String?

    /// Whether all that it is about was told again.
    var isWhole: Bool { phase == .done && missing == 0 }

    /// Whether it is known what it is about.
    var isCounted: Bool {
        switch phase {
        case .running, .held, .done, .dryRun: true
        case .none, .counting: false
        case .stopped, .failed: selected.total > 0
        }
    }
}
