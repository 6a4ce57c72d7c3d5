/// Loads an inventory: parse, validate, and only then hand out a whole new value.
struct InventoryLoader: Sendable {
    let files: FileSource

    /// Reads one file.
    ///
    /// - Returns: The inventory, and the warnings to print.
    /// - Throws: Every error of the file, with its warnings.
    func load(path: String) throws(ConfigurationErrors) -> (inventory: Inventory, warnings: DiagnosticReport) {
        var report = DiagnosticReport()
        guard let root = files.yaml(path, what: "the inventory", report: &report) else {
            throw ConfigurationErrors(report: report)
        }
        var reader = InventoryReader()
        let inventory = reader.inventory(of: [root])
        guard !reader.report.hasErrors else { throw ConfigurationErrors(report: reader.report) }
        return (inventory, reader.report)
    }
}
