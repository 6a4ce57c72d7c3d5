internal import ArgumentParser

/// `check`: says everything that is wrong with the settings and the inventory, and starts nothing.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the settings and the inventory.",
        discussion: """
            Reads what `run` would read and lists every mistake at once, each with its place and what to write instead. \
            Nothing is started and no host is contacted, so it may run anywhere, for example before a commit:

              virt-aggregator check --inventory inventory.yaml

            Ends with 0 when the files are right, with 78 when one is wrong, with 64 when a flag is. Where the Salt master's \
            bus is, `run` finds out.
            """
    )

    @Flag(help: "Print what was found as a JSON array.")
    var json = false

    @OptionGroup(title: "Settings, over those of the file")
    var flags: SettingsFlags

    func run() throws {
        let check = ConfigurationCheck(config: flags.config, flags: flags.texts, engine: flags.engine, files: .disk)
        if json {
            try StandardOutput.print(try check.report.json())
        } else {
            // The list is what was asked for: it goes where a pipe or a pager takes it.
            let summary = check.summary.map { $0 + "\n" } ?? ""
            try StandardOutput.print(check.report.text(colored: StandardOutput.isTerminal) + summary)
        }
        if check.report.hasErrors { throw check.report.exitStatus.exitCode }
    }
}
