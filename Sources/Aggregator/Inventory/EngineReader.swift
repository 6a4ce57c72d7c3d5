internal import Connections

/// Makes an inventory of the configuration of Salt's engine `libvirt_events`: a file of the master's with `engines`, or
/// `libvirt_events` alone, or what stands below that.
///
/// Everything else in the file is the master's own: it is neither looked at nor quoted, since it may hold secrets.
struct EngineReader {
    /// What the engine takes.
    enum Key: String, CaseIterable {
        case uri
        case tagPrefix = "tag_prefix"
        case filters
    }

    /// How often the engine may be configured.
    static let limit = 1000

    static let engine = "libvirt_events"

    /// Salt's own key for an engine that runs under a name of its own, given as its value.
    static let module = "engine_module"

    var report = DiagnosticReport()
    let files: FileSource
    let machine: LocalMachine

    /// libvirt's own short names for URIs, read when there is need of them.
    lazy var aliases = LibvirtAliases(of: machine, files: files)

    /// The names of the hosts so far.
    var names: Set<String> = []

    /// Where each beginning of tags was written first.
    var bases: [String: Position] = [:]

    /// An engine that is to run: what it is given, and the name it has when that is not its module's.
    struct Configured {
        let options: YAMLValue
        let name: YAMLEntry?
    }

    init(files: FileSource, machine: LocalMachine) {
        self.files = files
        self.machine = machine
    }

    /// What the file says as far as it is right; of use only when the report has no error.
    mutating func inventory(of path: String) -> Inventory {
        guard let root = root(of: path) else { return Inventory(hosts: [], tagPrefix: TagPrefix.standard) }
        var configured = configured(in: root)
        if configured.isEmpty, !report.hasErrors {
            report.error(
                .noHosts,
                at: root.position,
                "the file configures no engine \(Self.engine)",
                hint: "give the file of the master that has engines: with \(Self.engine) below it"
            )
        }
        if configured.count > Self.limit {
            report.error(
                .tooManyHosts,
                at: root.position,
                "more than \(Self.limit) engines \(Self.engine)",
                hint: "write an inventory, where one line names many hosts"
            )
            configured = []
        }
        let hosts = configured.compactMap { host($0) }
        return Inventory(hosts: hosts, tagPrefix: hosts.first?.tagPrefix ?? TagPrefix.standard)
    }

    private mutating func root(of path: String) -> YAMLValue? {
        var found = DiagnosticReport()
        if let root = files.yaml(path, what: "the engine's configuration", report: &found) { return root }
        for diagnostic in found.diagnostics {
            guard diagnostic.code != .unreadableFile else {
                report.add(diagnostic)
                continue
            }
            // What is wrong stays unsaid but for its place: the message could quote a secret of the master's.
            report.error(
                .yamlSyntax,
                at: diagnostic.position,
                "this file of the Salt master is not plain YAML",
                hint: "copy its \(Self.engine) into a file of its own and give that"
            )
            break
        }
        return nil
    }

    /// The engines of our kind, in the order Salt starts them; `engines` is a list, or a mapping.
    private mutating func configured(in root: YAMLValue) -> [Configured] {
        guard case .mapping(let entries) = root.content else { return [] }
        if let engines = entries.first(where: { $0.key == "engines" })?.value {
            switch engines.content {
            case .list(let items): return items.compactMap { configured(item: $0) }
            case .mapping(let entries): return entries.compactMap { Self.configured(entry: $0) }
            case .scalar: return []
            }
        }
        if let entry = entries.first(where: { $0.key == Self.engine }) {
            return [Configured(options: entry.value, name: nil)]
        }
        let isBare = entries.contains { Key(rawValue: $0.key) != nil }
        return isBare ? [Configured(options: root, name: nil)] : []
    }

    private mutating func configured(item: YAMLValue) -> Configured? {
        switch item.content {
        case .scalar(Self.engine, _): return Configured(options: item, name: nil)
        case .mapping(let entries):
            // Salt takes the first key of an item and nothing else.
            guard let first = entries.first, let configured = Self.configured(entry: first) else { return nil }
            for entry in entries.dropFirst() where Key(rawValue: entry.key) != nil {
                report.warning(
                    .unusedKey,
                    at: entry.position,
                    "\(entry.key) stands beside the engine, where Salt does not read it",
                    hint: "indent it further than the engine's name"
                )
            }
            return configured
        default: return nil
        }
    }

    private static func configured(entry: YAMLEntry) -> Configured? {
        if case .mapping(let options) = entry.value.content,
            case .scalar(let module, _)? = options.first(where: { $0.key == Self.module })?.value.content
        {
            return module == engine ? Configured(options: entry.value, name: entry) : nil
        }
        return entry.key == engine ? Configured(options: entry.value, name: nil) : nil
    }
}
