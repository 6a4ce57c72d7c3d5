internal import Connections

/// Loads an inventory: parse, validate, and only then hand out a whole new value.
struct InventoryLoader: Sendable {
    /// How many files a folder may have; one for each rack of the largest fleet there may be.
    static let fileLimit = 1000

    let files: FileSource

    /// Names the hosts that are on it, and has libvirt's aliases.
    ///
    /// The default is this one.
    var machine = LocalMachine.current

    /// The `down_grace` of hosts for which no file has one.
    ///
    /// The default is zero.
    var downGrace = Duration.zero

    /// Loads whatever it is.
    ///
    /// - Returns: The inventory, and the warnings to print.
    /// - Throws: Every error, with the warnings.
    func load(_ source: InventorySource) throws(ConfigurationErrors) -> (
        inventory: Inventory, warnings: DiagnosticReport
    ) {
        switch source {
        case .inventory(let path): try load(path: path)
        case .engine(let path): try load(engine: path)
        case .none: (withGrace(.local(machine)), DiagnosticReport())
        }
    }

    private func withGrace(_ inventory: Inventory) -> Inventory {
        var inventory = inventory
        for index in inventory.hosts.indices { inventory.hosts[index].host.downGrace = downGrace }
        return inventory
    }

    /// Reads what Salt's engine `libvirt_events` is configured with: a file of the master's, or that part of one.
    ///
    /// - Returns: The inventory, in the engine's layout, and the warnings to print.
    /// - Throws: Every error, with the warnings.
    func load(engine path: String) throws(ConfigurationErrors) -> (inventory: Inventory, warnings: DiagnosticReport) {
        var reader = EngineReader(files: files, machine: machine)
        let inventory = reader.inventory(of: path)
        guard !reader.report.hasErrors else { throw ConfigurationErrors(report: reader.report) }
        return (withGrace(inventory), reader.report)
    }

    /// Reads one file, or the `.yaml` and `.yml` files of a folder in the order of their names.
    ///
    /// - Returns: The inventory, and the warnings to print.
    /// - Throws: Every error of all files, with their warnings.
    func load(path: String) throws(ConfigurationErrors) -> (inventory: Inventory, warnings: DiagnosticReport) {
        var report = DiagnosticReport()
        let paths = paths(at: path, report: &report)
        let roots = paths.compactMap { files.yaml($0, what: "the inventory", report: &report) }
        var base = HostOptions()
        base.downGrace = downGrace
        var reader = InventoryReader(files: files, machine: machine, base: base)
        // The hosts may be in the file that cannot be read.
        let inventory = reader.inventory(of: roots, isWhole: roots.count == paths.count)
        report.add(reader.report)
        guard !report.hasErrors else { throw ConfigurationErrors(report: report) }
        return (inventory, report)
    }

    private func paths(at path: String, report: inout DiagnosticReport) -> [String] {
        guard files.isFolder(path) else { return [path] }
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        let names: [String]
        do throws(FileSource.Unreadable) {
            names = try files.names(folder).sorted().filter {
                !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml"))
            }
        } catch {
            report.add(error, of: path, what: "the inventory")
            return []
        }
        if names.isEmpty {
            report.error(
                .noHosts,
                at: Position(file: path),
                "the folder has no inventory files",
                hint: "put files into it whose names end in .yaml or .yml"
            )
        }
        if names.count > Self.fileLimit {
            report.error(
                .tooManyFiles,
                at: Position(file: path),
                "the folder has more than \(Self.fileLimit) inventory files",
                hint: "put several racks into one file"
            )
            return []
        }
        return names.map { "\(folder)/\($0)" }
    }
}
