internal import ArgumentParser
internal import Connections
internal import Foundation

/// Which of the kept events are meant.
struct SelectionFlags: ParsableArguments {
    @Option(help: "Only of this host, or of hosts that a pattern matches, as 'kvm7*'; may be repeated.")
    var host: [String] = []

    @Option(
        help: "Only about: \(HistorySelection.objectWords.words.joined(separator: ", ")); may be repeated."
    )
    var object: [String] = []

    @Option(help: "Only of this kind, as lifecycle, or domain/lifecycle; may be repeated.")
    var kind: [String] = []

    @Option(help: "Only of this domain: its name, a pattern as 'web*', or its UUID; may be repeated.")
    var domain: [String] = []

    @Option(
        help: ArgumentHelp(
            "Observed then or later: 2026-11-22T02:13Z, 2026-11-22T02:13 by this machine's clock, 02:13, or 2h for 2 hours ago.",
            valueName: "time"
        )
    )
    var since: String?

    @Option(help: ArgumentHelp("Observed then or earlier.", valueName: "time"))
    var until: String?

    var texts: HistorySelection.Texts {
        .init(hosts: host, objects: object, kinds: kind, domains: domain, since: since, until: until)
    }

    /// - Throws: What is wrong with the flags, all of it.
    func selection(now: Timestamp = .now) throws -> HistorySelection {
        do throws(HistorySelection.Malformed) {
            return try HistorySelection(texts, now: now, zone: .current)
        } catch {
            throw ValidationError(mistakes: error.mistakes.map { ($0, $1) })
        }
    }
}
