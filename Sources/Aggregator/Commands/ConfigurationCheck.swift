internal import Connections

/// The whole configuration, looked at together.
struct ConfigurationCheck {
    /// What was found in the settings, the flags and the inventory.
    private(set) var report: DiagnosticReport

    /// The settings; where the report has an error, the default stands.
    let settings: Settings

    /// Where the hosts come from.
    let source: InventorySource

    /// The hosts to watch; `nil` when nothing can be started.
    private(set) var inventory: Inventory?

    /// The same, to be read again; `nil` when nothing can be started.
    private(set) var origin: InventoryOrigin?

    /// Where the master's bus is; `nil` when that was not asked or cannot be found out.
    private(set) var bus: MasterConfiguration?

    /// One line on what would be started; `nil` when nothing would.
    var summary: String? {
        inventory.map { inventory in
            guard source == .none, let host = inventory.hosts.first?.host else {
                return "ok: \(Self.count(inventory.hosts.count, "host")), \(warningCount)"
            }
            return "ok: no inventory: libvirt's default local connection as \(host.name), \(warningCount)"
        }
    }

    /// Reads the settings, the inventory they name, and where the master's bus is; a mistake in one never hides those in
    /// the others.
    ///
    /// - Parameters:
    ///   - config: The settings file, if one is named.
    ///   - flags: The texts of the flags, by the name of their key.
    ///   - engine: The file of Salt's engine to take the hosts from, in the place of an inventory.
    ///   - files: Where to read from.
    ///   - machine: The one that libvirt's own choice is on. The default is this one.
    ///   - needsMaster: Whether to look for the master, too. A check may run where there is none.
    init(
        config: String?,
        flags: [String: String],
        engine: String? = nil,
        files: FileSource,
        machine: LocalMachine = .current,
        needsMaster: Bool = false
    ) {
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
        source =
            engine.map { .engine(path: $0) } ?? settings.inventory.map { .inventory(path: $0) } ?? .none
        if engine != nil, flags[SettingsKey.inventory.name] != nil {
            self.report.error(
                .conflictingValues,
                at: .flag("--engine"),
                "--inventory names the hosts, too",
                hint: "give one of the two"
            )
        }
        // With errors in the settings it may be one of them that hides the inventory.
        if source == .none, self.report.hasErrors { return }
        let origin = InventoryOrigin(source, files: files, machine: machine, downGrace: settings.downGrace)
        self.origin = origin
        do throws(ConfigurationErrors) {
            let (inventory, warnings) = try origin.load()
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
