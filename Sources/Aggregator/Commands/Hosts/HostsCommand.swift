internal import ArgumentParser

/// `hosts`: what the running service knows of its hosts, and their maintenance.
struct HostsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hosts",
        abstract: "Show the hosts of the running service, pause and resume them.",
        discussion: """
            Asks the service over its admin socket, which its user and its group may use:

              virt-aggregator hosts list --phase down
              virt-aggregator hosts pause kvm01 --for 2h

            Ends with 0 when it was done, with 1 when there is no such host, with 64 when a flag is wrong, with 69 when the \
            service cannot be asked.
            """,
        subcommands: [
            HostsListCommand.self, HostsShowCommand.self, HostsPauseCommand.self, HostsResumeCommand.self,
        ],
        defaultSubcommand: HostsListCommand.self
    )
}

/// `hosts list`: one line for each host.
struct HostsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the hosts, one on a line."
    )

    @Option(help: "Only hosts that are connecting, up, down, stopped, paused, degraded or flapping.")
    var phase: String?

    @Option(
        help: ArgumentHelp("Only hosts with this label; with several, those that have all.", valueName: "name=value")
    )
    var label: [String] = []

    @OptionGroup var flags: AdminFlags

    func validate() throws {
        do throws(AdminFailure) {
            _ = try HostsQuery(items)
        } catch {
            throw ValidationError("\(error.message); \(error.hint)")
        }
    }

    func run() throws {
        let answer = try flags.ask(.hosts, query: HostsQuery.text(items))
        try flags.show(answer, as: HostsView.self) {
            HostTable(hosts: $0.hosts).text(colored: StandardOutput.isTerminal)
        }
    }

    private var items: [(name: String, value: String)] {
        (phase.map { [("phase", $0)] } ?? []) + label.map { ("label", $0) }
    }
}

/// `hosts show`: everything that is known of one host.
struct HostsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything that is known of a host."
    )

    @Argument(help: "The host's name in the inventory.")
    var name: String

    @OptionGroup var flags: AdminFlags

    func validate() throws {
        try HostsCommand.check(name)
    }

    func run() throws {
        try flags.show(try flags.ask(.host(name)), as: HostView.self) {
            HostSheet(host: $0).text(colored: StandardOutput.isTerminal)
        }
    }
}

/// `hosts pause`: announces maintenance.
struct HostsPauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Hold back what is said of a host's ups and downs.",
        discussion: """
            For maintenance that should page nobody. The host keeps its connection, and its events go out; only up, down, \
            degraded and flapping are held back. It survives restarts, and ends by itself if it is given a time.
            """
    )

    @Argument(help: "The host's name in the inventory.")
    var name: String

    @Option(name: .customLong("for"), help: "How long, for example 2h. (default: until it is resumed)")
    var duration: String?

    @Option(help: "Who asks for it. (default: the user, whom the service knows)")
    var by: String?

    @OptionGroup var flags: AdminFlags

    func validate() throws {
        try HostsCommand.check(name)
    }

    func run() throws {
        let body = ["for": duration, "by": by ?? HostsCommand.author].compactMapValues(\.self)
        try flags.show(try flags.ask(.pause(name), body: body), as: HostView.self) { host in
            let until = host.paused?.until.map { "until \($0)" } ?? "until it is resumed"
            return "\(host.name) is paused \(until), by \(host.paused?.by.printable ?? "somebody")\n"
        }
    }
}

/// `hosts resume`: ends a maintenance.
struct HostsResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "End the pause of a host; nothing happens to one that has none."
    )

    @Argument(help: "The host's name in the inventory.")
    var name: String

    @Option(help: "Who asks for it. (default: the user, whom the service knows)")
    var by: String?

    @OptionGroup var flags: AdminFlags

    func validate() throws {
        try HostsCommand.check(name)
    }

    func run() throws {
        let body = ["by": by ?? HostsCommand.author].compactMapValues(\.self)
        try flags.show(try flags.ask(.resume(name), body: body), as: HostView.self) { host in
            "\(host.name) is not paused; it is \(host.fullPhase)\n"
        }
    }
}
