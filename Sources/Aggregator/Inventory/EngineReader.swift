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

    private static let engine = "libvirt_events"

    /// Salt's own key for an engine that runs under a name of its own, given as its value.
    private static let module = "engine_module"

    private(set) var report = DiagnosticReport()
    private let files: FileSource
    private let machine: LocalMachine
    private var names: Set<String> = []
    private var bases: [String: Position] = [:]

    /// An engine that is to run: what it is given, and the name it has when that is not its module's.
    private struct Configured {
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

    private mutating func host(_ configured: Configured) -> InventoryHost? {
        var options: [String: YAMLEntry] = [:]
        // An engine that is named and nothing more has everything by default.
        if case .scalar(Self.engine, _) = configured.options.content {
        } else {
            let keys = Key.allCases.map(\.rawValue) + (configured.name == nil ? [] : [Self.module])
            options = configured.options.entries(of: Self.engine, keys: keys, report: &report) ?? [:]
        }
        let position = options[Key.uri.rawValue]?.value.position ?? configured.options.position
        let prefix = options[Key.tagPrefix.rawValue].flatMap {
            $0.value.parsed(as: .tagPrefix, name: $0.key, report: &report)
        }
        let filter =
            options[Key.filters.rawValue].flatMap { $0.value.isNull ? nil : $0.value }
            .flatMap { EngineFilter.filter($0, report: &report) } ?? .all
        guard let route = route(options[Key.uri.rawValue]?.value) else { return nil }
        let host = Host(
            name: name(configured, uri: route.uri),
            uri: route.uri,
            credentials: route.credentials,
            kinds: filter.kinds
        )
        let inventoryHost = InventoryHost(
            host: host,
            labels: Labels(),
            tagPrefix: prefix ?? TagPrefix.standard,
            filter: filter,
            tagLayout: .engine
        )
        checkTags(of: inventoryHost, at: position)
        return inventoryHost
    }

    /// Where the engine would connect to; an alias of libvirt's is followed, as libvirt does for the engine.
    private mutating func route(_ value: YAMLValue?) -> HostRoute? {
        guard let value, !value.isNull else { return HostRoute(uri: .unspecified) }
        let aliases = LibvirtAliases(of: machine, files: files)
        let parser = ValueParser(kind: "a URI", hint: ValueParser<LibvirtURI>.uri.hint) { text throws(MalformedValue) in
            try ValueParser.hostURI.parse(aliases.targets[text] ?? text)
        }
        guard let uri = value.parsed(as: parser, name: Key.uri.rawValue, report: &report) else { return nil }
        let template = URITemplate(text: uri.text, position: value.position, owner: Self.engine, level: .host)
        var access = HostAccess()
        access.allowsExt = true
        let route = access.route(to: uri, written: template)
        for finding in route.findings { report.add(finding) }
        for file in route.files { file.check(files, report: &report) }
        return route
    }

    /// The name that Salt has for the engine, that of the machine the URI leads to, or that of this one; each once.
    private mutating func name(_ configured: Configured, uri: LibvirtURI) -> String {
        let base = (configured.name?.key ?? uri.host).map { Self.name(of: $0) } ?? machine.inventoryName
        let others = (2...Self.limit + 1).lazy.map { "\(base.prefix(57))-\($0)" }
        let name =
            ([base, "\(base.prefix(48))-\(uri.driver)"].first { isFree($0) } ?? others.first { isFree($0) }) ?? base
        names.insert(name)
        return name
    }

    private func isFree(_ name: String) -> Bool {
        !names.contains(name) && (try? HostName.check(name)) != nil
    }

    /// Dots are kept here, since a URI has the host's whole name, or its address.
    private static func name(of text: String) -> String {
        let name = text.utf8.map { $0.isLetterOrDigit || "._-".utf8.contains($0) ? $0 : UInt8(ascii: "-") }
            .drop { !$0.isLetterOrDigit }.prefix(63)
        return name.isEmpty ? "remote" : String(decoding: name, as: UTF8.self)
    }

    private mutating func checkTags(of host: InventoryHost, at position: Position) {
        guard (try? host.checkTags()) != nil else {
            report.error(
                .invalidValue,
                at: position,
                "the URI makes no tag",
                hint: "write it without // in its path and with fewer than 700 bytes"
            )
            return
        }
        let base = host.tagBase ?? host.tagPrefix
        if let other = bases.updateValue(position, forKey: base) {
            report.error(
                .duplicateTag,
                at: position,
                "this engine has the tags of the one at \(other)",
                hint: "remove one of them, or give it another tag_prefix"
            )
        }
    }
}
