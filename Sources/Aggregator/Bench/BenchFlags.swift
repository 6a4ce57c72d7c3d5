internal import ArgumentParser

/// The settings of `run` that matter to a bench, as flags.
struct BenchFlags: ParsableArguments {
    @Option(.busSaltConfig) var busSaltConfig: String?
    @Option(.busSockDir) var busSockDir: String?
    @Option(.busPub) var busPub: String?
    @Option(.busPull) var busPull: String?
    @Option(.busWindow) var busWindow: String?
    @Option(help: ArgumentHelp("How many events a second the bus is given, auto or off.", valueName: "value"))
    var busBudget = "off"

    @Option(.spoolDurability) var spoolDurability: String?

    /// The defaults with the flags over them; no file is read.
    ///
    /// - Throws: The exit code, once what is wrong has been said.
    func settings() throws -> Settings {
        let rows: [(SettingsKey, String?)] = [
            (.busSaltConfig, busSaltConfig), (.busSockDir, busSockDir), (.busPub, busPub), (.busPull, busPull),
            (.busWindow, busWindow), (.busBudget, busBudget), (.spoolDurability, spoolDurability),
        ]
        var reader = SettingsReader()
        reader.read(
            flags: Dictionary(uniqueKeysWithValues: rows.compactMap { key, text in text.map { (key.name, $0) } })
        )
        guard reader.report.hasErrors else { return reader.settings }
        StandardError.write(reader.report.text(colored: StandardError.isTerminal))
        throw reader.report.exitStatus.exitCode
    }
}
