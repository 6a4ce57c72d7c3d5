internal import ArgumentParser
internal import Connections
internal import Foundation
internal import Spool

/// `state`: what things were at a time.
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Show what state every object was in at a time, and on which host.",
        discussion: """
            What was the state of this machine at 02:13, and where did it run:

              virt-aggregator state --at 02:13 --domain web
              virt-aggregator state --at 2026-11-22T02:13:00Z --host kvm01 --object domain

            Reads the service's spool, whether it runs or not, as the user the service runs as, or as root. A state is what the \
            last event, or the last complete listing, had said by then; since says from when on that held. A host that was not \
            heard at that time, because it was away or the service did not run, is said to be so: what is shown of it is what \
            was last known.

            unknown is what nothing can be said of: before the first complete listing of these objects on that host, and \
            before what is still kept (spool.max_age).

            Ends with 0, also when there was nothing; with 64 when a flag is wrong, with 78 when there is no spool to read.
            """
    )

    @Option(
        help: ArgumentHelp(
            "2026-11-22T02:13Z, 2026-11-22T02:13 by this machine's clock, 02:13, or 2h for 2 hours ago.",
            valueName: "time"
        )
    )
    var at = "now"

    @Option(
        help:
            "Only this domain: its name, a pattern as 'web*', or its UUID, with the hosts it was known to be gone from; may be repeated."
    )
    var domain: [String] = []

    @Option(help: "Only on this host, or on hosts that a pattern matches; may be repeated.")
    var host: [String] = []

    @Option(help: "Only these: \(StateHistory.classes.joined(separator: ", ")); may be repeated.")
    var object: [String] = []

    @OptionGroup var flags: HistoryFlags

    func validate() throws {
        _ = try question(now: .now)
    }

    func run() throws {
        let (moment, selection) = try question(now: .now)
        let (history, _) = try flags.open()
        let progress = ScanProgress("looking through the spool")
        defer { progress.clear() }
        let report = try flags.reading {
            try StateHistory(history: history, progress: progress.show).report(at: moment, selection: selection)
        }
        progress.clear()
        if flags.json {
            return try StandardOutput.print(String(decoding: JSONText.encode(report), as: UTF8.self) + "\n")
        }
        try StandardOutput.print(StateTable(report: report).text(colored: StandardOutput.isTerminal))
        if report.objects.isEmpty, report.hosts.allSatisfy(\.unknown.isEmpty) {
            StandardError.write("nothing of the kind was known at \(report.at)\n")
        }
    }

    private func question(now: Timestamp) throws -> (moment: Timestamp, selection: HistorySelection) {
        var mistakes: [(String, MalformedValue)] = []
        var moment = now
        do throws(MalformedValue) {
            moment = try Timestamp(text: at, now: now, zone: .current)
            if moment > now {
                throw MalformedValue(message: "\(moment.iso8601) is still to come", hint: "write a time that is past")
            }
        } catch {
            mistakes.append(("at", error))
        }
        for word in object where !StateHistory.classes.contains(word) {
            let hint = Vocabulary(words: StateHistory.classes).hint(for: word)
            mistakes.append(("object", MalformedValue(message: "\(word.quoted) has no state here", hint: hint)))
        }
        var selection: HistorySelection?
        do throws(HistorySelection.Malformed) {
            let texts = HistorySelection.Texts(
                hosts: host,
                objects: object.filter(StateHistory.classes.contains),
                domains: domain
            )
            selection = try HistorySelection(texts, now: now, zone: .current)
        } catch {
            mistakes += error.mistakes.map { ($0, $1) }
        }
        guard mistakes.isEmpty, let selection else { throw ValidationError(mistakes: mistakes) }
        return (moment, selection)
    }
}

extension ValidationError {
    /// What is wrong with flags, one on a line.
    init(mistakes: [(flag: String, value: MalformedValue)]) {
        self.init(
            mistakes.map { "--\($0): \($1.message.printable); \($1.hint.printable)" }.joined(separator: "\n       ")
        )
    }
}
