internal import ArgumentParser
internal import Connections
internal import Spool

/// How a command finds what the service has kept, and in which form it answers.
struct HistoryFlags: ParsableArguments {
    @Option(help: "The settings file. (default: \(SettingsLoader.standardPath), if there is one)")
    var config: String?

    @Option(help: "The folder of the spool. (default: what the settings say, else /var/lib/virt-aggregator)")
    var spoolPath: String?

    @Option(help: "The service's run_dir. (default: what the settings say, else \(Settings.standardRunDir))")
    var runDir: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// Opens the spool.
    ///
    /// What is wrong goes to standard error, and the command ends: with 78 when there is no spool that can be read. That it
    /// does not have everything goes there, too.
    func open() throws -> (history: SpoolHistory, settings: Settings) {
        let texts = [(SettingsKey.spoolPath.name, spoolPath), (SettingsKey.runDir.name, runDir)]
        let flags = Dictionary(uniqueKeysWithValues: texts.compactMap { key, text in text.map { (key, $0) } })
        let (settings, report) = SettingsLoader(files: .disk).read(path: config, flags: flags)
        if report.hasErrors {
            StandardError.write(report.text(colored: StandardError.isTerminal))
            throw report.exitStatus.exitCode
        }
        let runDir = settings.runDir ?? Settings.standardRunDir
        let history = try reading { try SpoolHistory(folder: settings.spool.path, runDir: runDir) }
        if history.isBehind {
            let last = try reading { try history.time(before: .max) }
            let what = last.map { "was heard after \(Timestamp(microseconds: $0).iso8601)" } ?? "is heard"
            StandardError.write(
                "warning: what \(what) is in the service's memory, and not on the disk, where this looks; "
                    + "`virt-aggregator hosts` shows how hosts are now\n"
            )
        }
        return (history, settings)
    }

    /// Does what reads the spool; that it cannot be read ends the command.
    func reading<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as SpoolError {
            StandardError.write("error: \(error.description.printable)\n")
            throw (error.code == .unusable ? CommandExit.configuration : .failed).exitCode
        }
    }
}
