/// Where the hosts come from: it can be read again, and looked at for whether that is worth while.
struct InventoryOrigin: Sendable {
    typealias Loaded = (inventory: Inventory, warnings: DiagnosticReport)

    /// What an operator knows it by, for example its path.
    let name: String

    /// How it looked before it was first read.
    let firstLook: FileFingerprint?

    /// How it looks; `nil` when there is nothing to look at.
    ///
    /// Blocks.
    let look: (@Sendable () -> FileFingerprint)?

    /// Reads it.
    ///
    /// Blocks.
    let load: @Sendable () throws(ConfigurationErrors) -> Loaded

    /// - Parameters:
    ///   - path: What is looked at for changes; `nil` = nothing, only those who ask have it read again.
    ///   - load: Reads it.
    init(
        name: String,
        path: String?,
        files: FileSource = .disk,
        load: @escaping @Sendable () throws(ConfigurationErrors) -> Loaded
    ) {
        self.name = name
        self.load = load
        if let path {
            look = { FileFingerprint(of: path, files: files) }
        } else {
            look = nil
        }
        firstLook = look?()
    }
}

extension InventoryOrigin {
    init(
        _ source: InventorySource,
        files: FileSource,
        machine: LocalMachine = .current,
        downGrace: Duration = .zero
    ) {
        let loader = InventoryLoader(files: files, machine: machine, downGrace: downGrace)
        let (name, path): (String, String?) =
            switch source {
            case .inventory(let path), .engine(let path): (path, path)
            case .none: ("libvirt's default", nil)
            }
        self.init(name: name, path: path, files: files) { () throws(ConfigurationErrors) in try loader.load(source) }
    }
}
