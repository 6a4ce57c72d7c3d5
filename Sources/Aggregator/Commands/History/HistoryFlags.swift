internal import ArgumentParser
internal import Spool

/// How a command finds what the service has kept, and in which form it answers.
struct HistoryFlags: ParsableArguments {
    @Option(help: "The settings file. (default: \(SettingsLoader.standardPath), if there is one)")
    var config: String?

    @Option(help: "The folder of the spool. (default: what the settings say, else /var/lib/virt-aggregator)")
    var spoolPath: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// Opens the spool.
    ///
    /// What is wrong goes to standard error, and the command ends: with 78 when there is no spool that can be read.
    func open() throws -> (history: SpoolHistory, settings: Settings) {
        let flags = spoolPath.map { [SettingsKey.spoolPath.name: $0] } ?? [:]
        let (settings, report) = SettingsLoader(files: .disk).read(path: config, flags: flags)
        if report.hasErrors {
            StandardError.write(report.text(colored: StandardError.isTerminal))
            throw report.exitStatus.exitCode
        }
        return (try reading { try SpoolHistory(folder: settings.spool.path) }, settings)
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
