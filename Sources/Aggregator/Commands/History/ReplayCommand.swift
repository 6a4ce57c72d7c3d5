internal import ArgumentParser
internal import Connections
internal import Foundation

/// `replay`: has the running service tell kept events again.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Tell kept events again, marked as such.",
        discussion: """
            For whoever was not there when they were told: a reactor that was broken, a system that was away. See first what \
            it would be, which changes nothing:

              virt-aggregator replay --since 02:00 --until 02:30 --kind domain/lifecycle --dry-run
              virt-aggregator replay --since 02:00 --until 02:30 --kind domain/lifecycle

            The running service does it, one replay at a time, at most --rate events a second, and only while little else waits \
            to be sent. Each copy is the event as it was, with the relay.id it had, and relay.replay: true, by which reactors \
            that must not act twice know it. Only what waits no more is told again, and no replay, nor \
            what can never be sent; what a later event had made old news before it was sent is among it.

            On a terminal it asks first; elsewhere it needs --yes. Ctrl-C ends the command, and not the replay: that goes on in \
            the service, which `replay status` and `replay stop` are for. What is only counted ends soon after.

            Ends with 0 when all of it was told, or the answer was no, with 1 when it was stopped, when some of it was not kept any \
            more when it was its turn, or when there was another one, with 64 when a flag is wrong, with 69 when the service \
            cannot be asked.
            """,
        subcommands: [ReplayStartCommand.self, ReplayStatusCommand.self, ReplayStopCommand.self],
        defaultSubcommand: ReplayStartCommand.self
    )
}

/// `replay start`, or `replay` alone.
struct ReplayStartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: "Tell kept events again.")

    @OptionGroup(title: "Which")
    var which: SelectionFlags

    @Option(help: "Events per second, at most.")
    var rate = ReplayRequest.standardRate

    @Flag(help: "Say which it would be, and change nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(help: "Who asks for it. (default: the user, whom the service knows)")
    var by: String?

    @OptionGroup var flags: AdminFlags

    func validate() throws {
        guard ReplayRequest.rates.contains(rate) else {
            throw ValidationError(
                "--rate: \(rate) is out of range; write \(ReplayRequest.rates.lowerBound) to "
                    + "\(ReplayRequest.rates.upperBound) events per second"
            )
        }
        if !dryRun, !yes, !StandardInput.isTerminal {
            throw ValidationError("there is nobody to ask whether to go on; give --yes, or --dry-run")
        }
        _ = try which.selection()
    }

    func run() throws {
        // What is counted and what is told are the same, however long somebody thinks in between.
        let selection = try which.selection()
        let until = selection.until ?? .now
        let watch = ReplayWatch(flags: flags)
        if dryRun || !yes {
            let (counted, answer) = try watch.end(of: ask(selection, until: until, isDryRun: true))
            guard counted.phase == .dryRun else {
                let why = counted.message ?? "somebody has stopped it"
                StandardError.write("error: it could not be counted: \(why.printable)\n")
                throw CommandExit.failed.exitCode
            }
            if dryRun { return try flags.show(answer, as: ReplayView.self) { ReplayText.counts($0.selected) } }
            StandardError.write(ReplayText.counts(counted.selected))
            guard counted.selected.total > 0 else { return }
            StandardError.write("tell them again, at most \(rate) a second? [y/N] ")
            guard ["y", "yes"].contains(readLine()?.lowercased()) else {
                StandardError.write("nothing was told\n")
                return
            }
        }
        let (last, answer) = try watch.end(of: ask(selection, until: until, isDryRun: false)) {
            if yes, !flags.json { StandardError.write(ReplayText.counts($0)) }
        }
        if flags.json {
            try StandardOutput.print(String(decoding: answer, as: UTF8.self))
        } else {
            try StandardOutput.print(ReplayText.summary(last))
        }
        if !last.isWhole { throw CommandExit.failed.exitCode }
    }

    private func ask(_ selection: HistorySelection, until: Timestamp, isDryRun: Bool) throws -> [UInt8] {
        let body = ReplayBody(
            host: which.host,
            object: which.object,
            kind: which.kind,
            domain: which.domain,
            since: selection.since?.iso8601,
            until: until.iso8601,
            rate: rate,
            by: by ?? HostsCommand.author,
            dryRun: isDryRun
        )
        return try flags.ask(.replay, method: "POST", json: JSONText.encode(body))
    }
}

/// `replay status`: how far it is.
struct ReplayStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how far the replay is, or how the last one ended."
    )

    @OptionGroup var flags: AdminFlags

    func run() throws {
        try flags.show(try flags.ask(.replay, json: []), as: ReplayView.self, text: ReplayText.summary)
    }
}

/// `replay stop`: ends it.
struct ReplayStopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "End the replay, and what is being counted for one; what has been told already goes out."
    )

    @OptionGroup var flags: AdminFlags

    func run() throws {
        try flags.show(try flags.ask(.stopReplay, json: []), as: ReplayView.self, text: ReplayText.summary)
    }
}

/// What is sent for a replay; ``ReplayRequest`` reads it.
private struct ReplayBody: Encodable {
    let host, object, kind, domain: [String]
    let since: String?
    let until: String
    let rate: Int
    let by: String?
    let dryRun: Bool
}
