internal import ArgumentParser
internal import Connections
internal import SaltBus
internal import Spool

/// `events`: what was heard, as far as it is still kept.
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show the events that were heard.",
        discussion: """
            Reads the service's spool, which keeps events for spool.max_age and up to spool.max_bytes, whether the service runs \
            or not. Whoever reads it has to be the user the service runs as, or root:

              virt-aggregator events --since 02:00 --until 02:30 --domain web
              virt-aggregator events --host 'kvm7*' --kind lifecycle --since 2h --json
              virt-aggregator events --dead

            Of several values of one flag any will do; of several flags all must be right. Times are shown in UTC; a time that is \
            given without a zone is this machine's. What was told again by `replay` is not shown again.

            --json prints a line for each event: its position in the spool, its tag, and its data as the bus has them, but for \
            the _stamp, which an event gets when it is sent.

            Ends with 0, also when there are none; with 64 when a flag is wrong, with 78 when there is no spool to read.
            """
    )

    @OptionGroup(title: "Which")
    var which: SelectionFlags

    @Option(help: "Show the last so many; 0 for all.")
    var limit = 100

    @Flag(help: "Show the events that could never be sent instead, each with the reason and when it was given up.")
    var dead = false

    @OptionGroup var flags: HistoryFlags

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit: \(limit) is no number of events; write 0 for all") }
        _ = try which.selection()
    }

    func run() throws {
        var selection = try which.selection().ofSpool
        if dead { selection.isDead = true }
        let (history, _) = try flags.open()
        let progress = ScanProgress("looking through the spool")
        defer { progress.clear() }
        var printer = EventsPrinter(isJSON: flags.json, isColored: StandardOutput.isTerminal)
        var hasMore = false
        try flags.reading {
            let span = try history.span()
            guard let first = span.first, let last = span.last else { return }
            let events = EventHistory(history: history, selection: selection, progress: progress.show)
            var start = first - 1
            if limit > 0 { (start, hasMore) = try events.start(ofLast: limit, in: span) }
            try events.each(after: start, through: last) { page in
                progress.clear()
                // Who reads no further wants no more to be looked for.
                guard try StandardOutput.isRead(printer.text(of: page)) else { throw CommandExit.ok.exitCode }
            }
        }
        progress.clear()
        if printer.count == 0 { StandardError.write("no such event is kept\n") }
        if hasMore {
            StandardError.write("these are the last \(limit), and there are more: give --limit 0 for all of them\n")
        }
    }
}
