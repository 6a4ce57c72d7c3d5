/// The whole configuration, looked at together.
struct ConfigurationCheck {
    /// What was found in the settings, the flags and the inventory.
    private(set) var report: DiagnosticReport

    /// The settings; where the report has an error, the default stands.
    let settings: Settings

    /// The hosts to watch; `nil` when nothing can be started.
    private(set) var inventory: Inventory?

    /// Where the master's bus is; `nil` when that was not asked or cannot be found out.
    private(set) var bus: MasterConfiguration?

    /// One line on what would be started; `nil` when nothing would.
    var summary: String? {
        inventory.map { "ok: \(Self.count($0.hosts.count, "host")), \(warningCount)" }
    }

    /// Reads the settings, the inventory they name, and where the master's bus is; a mistake in one never hides those in
    /// the others.
    ///
    /// - Parameters:
    ///   - config: The settings file, if one is named.
    ///   - flags: The texts of the flags, by the name of their key.
    ///   - files: Where to read from.
    ///   - needsMaster: Whether to look for the master, too. A check may run where there is none.
    init(config: String?, flags: [String: String], files: FileSource, needsMaster: Bool = false) {
        let (settings, report) = SettingsLoader(files: files).read(path: config, flags: flags)
        self.report = report
        self.settings = settings
        if needsMaster {
            do throws(ConfigurationErrors) {
                bus = try MasterConfiguration.load(settings.bus, files: files)
            } catch {
                self.report.add(error.report)
            }
        }
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
