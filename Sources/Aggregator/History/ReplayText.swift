/// A replay in words.
enum ReplayText {
    /// How many hosts and kinds are named.
    private static let nameLimit = 20

    /// What a replay is about, one thing on a line.
    static func counts(_ counts: ReplayCounts) -> String {
        guard counts.total > 0, let from = counts.from, let to = counts.to else {
            return "no event that is kept, and has been on the bus, is meant\n"
        }
        return """
            \(counts.total) events, observed from \(from) to \(to)
            kinds: \(names(counts.kinds))
            hosts: \(names(counts.hosts))

            """
    }

    /// How far it is.
    static func summary(_ view: ReplayView) -> String {
        let asked = "for \(view.by), at most \(view.rate) a second".printable
        let sent = "\(view.sent) of \(view.selected.total) events told again"
        let skipped = view.skipped > 0 ? ", \(view.skipped) records hold none" : ""
        let missing = view.missing > 0 ? ", \(view.missing) were not kept any more when it was their turn" : ""
        return switch view.phase {
        case .none: "there has been no replay since the service started\n"
        case .dryRun: counts(view.selected)
        case .counting: "counting, \(asked)\n"
        case .running: "\(sent)\(skipped), \(asked)\n"
        case .held: "\(sent)\(skipped), \(asked); others wait for the bus and go first\n"
        case .done: "\(sent)\(skipped)\(missing)\n"
        case .stopped: "stopped: \(sent)\(skipped)\n"
        case .failed: "failed: \(sent)\(skipped); \((view.message ?? "look at the log").printable)\n"
        }
    }

    /// The most frequent first.
    private static func names(_ counts: [String: Int]) -> String {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let named = sorted.prefix(nameLimit).map { "\($0.key.printable) \($0.value)" }.joined(separator: ", ")
        return sorted.count > nameLimit ? "\(named), and \(sorted.count - nameLimit) more" : named
    }
}
