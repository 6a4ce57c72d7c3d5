/// Loads the settings: defaults, the file over them, the flags over both.
struct SettingsLoader: Sendable {
    /// Where the file is looked for when none is given; it need not exist there.
    static let standardPath = "/etc/virt-aggregator/config.yaml"

    let files: FileSource

    /// Reads the file and the flags: what can be read; where the report has an error, the default stands.
    ///
    /// - Parameters:
    ///   - path: The file that was asked for; it must exist.
    ///   - flags: The texts of the flags, by the name of their key.
    /// - Returns: The settings, with every error and warning of the file and the flags together.
    func read(path: String?, flags: [String: String]) -> (settings: Settings, report: DiagnosticReport) {
        var report = DiagnosticReport()
        var reader = SettingsReader()
        let root = files.yaml(
            path ?? Self.standardPath,
            what: "the settings file",
            mustExist: path != nil,
            report: &report
        )
        if let root { reader.read(root) }
        reader.read(flags: flags)
        reader.checkTogether()
        report.add(reader.report)
        return (reader.settings, report)
    }
}
