/// The whole configuration, looked at together.
struct ConfigurationCheck {
    /// What was found in the settings, the flags and the inventory.
    private(set) var report: DiagnosticReport

    /// The settings; where the report has an error, the default stands.
    let settings: Settings

    /// The hosts to watch; `nil` when nothing can be started.
    private(set) var inventory: Inventory?

    /// One line on what would be started; `nil` when nothing would.
    var summary: String? {
        inventory.map { "ok: \(Self.count($0.hosts.count, "host")), \(warningCount)" }
    }

    /// Reads the settings and the inventory they name; a mistake in the one never hides those in the other.
    init(config: String?, flags: [String: String], files: FileSource) {
        let (settings, report) = SettingsLoader(files: files).read(path: config, flags: flags)
        self.report = report
        self.settings = settings
        guard let path = settings.inventory else {
            // With errors in the settings it may be one of them that hides the inventory.
            if !report.hasErrors {
                self.report.error(
                    .missingValue,
                    at: .flag("--inventory"),
                    "there is no inventory",
                    hint: "give --inventory FILE, or write inventory: FILE in the settings file"
                )
            }
            return
        }
        do throws(ConfigurationErrors) {
            let (inventory, warnings) = try InventoryLoader(files: files).load(path: path)
            self.report.add(warnings)
            if !self.report.hasErrors { self.inventory = inventory }
        } catch {
            self.report.add(error.report)
        }
    }

    private var warningCount: String {
        Self.count(report.diagnostics.count, "warning")
    }

    private static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
