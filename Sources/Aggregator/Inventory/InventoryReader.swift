internal import Connections

/// Reads the values of inventory files; mistakes go to its report, and reading goes on.
struct InventoryReader {
    var report = DiagnosticReport()
    var register = HostRegister()
    let files: FileSource

    /// libvirt's own short names for URIs, read when there is need of them.
    lazy var aliases = LibvirtAliases(of: machine, files: files)
    let machine: LocalMachine

    /// Where each group was written first.
    var groups: [String: Position] = [:]

    var hosts: [InventoryHost] = []

    /// The first host of each URI.
    var hostsByURI: [String: String] = [:]

    /// The first host of each beginning of tags, and where it is named.
    var hostsByTag: [String: (name: String, position: Position)] = [:]

    /// The templates that have been reported; none of their hosts is told again.
    var badTemplates: Set<Position> = []

    /// What has been said of a place, so that a group of a thousand hosts is told once.
    var told: Set<Finding> = []

    /// The files that have been looked at.
    var checked: Set<NamedFile> = []

    struct Finding: Hashable {
        let position: Position
        let code: Diagnostic.Code

        /// `nil` for what differs from host to host and is told of the first.
        let message: String?
    }

    /// What holds where no file says anything.
    private let base: HostOptions

    init(files: FileSource, machine: LocalMachine, base: HostOptions = HostOptions()) {
        self.files = files
        self.machine = machine
        self.base = base
    }

    /// What the files say as far as it is right; of use only when the report has no error.
    ///
    /// They are read as if they were one: the defaults of all, of which later ones win, hold for the hosts of all. It is
    /// `isWhole` when no file is missing.
    mutating func inventory(of roots: [YAMLValue], isWhole: Bool = true) -> Inventory {
        let files = roots.map { root in
            let sections = InventoryKey.Section.allCases.map(\.rawValue)
            return root.entries(of: "the inventory", keys: sections, report: &report) ?? [:]
        }
        let defaults = files.compactMap { $0[InventoryKey.Section.defaults.rawValue] }
            .reduce(base) { options, entry in merge(entry, over: options) }
        var isEmpty = isWhole
        for file in files {
            for section in [InventoryKey.Section.hosts, .groups] {
                guard let entry = file[section.rawValue] else { continue }
                let entries = entry.value.entries(of: section.rawValue, report: &report)
                if entries?.isEmpty != true { isEmpty = false }
                for item in entries ?? [] {
                    if section == .hosts {
                        readHost(item, owner: .init(name: "hosts", position: entry.position), defaults: defaults)
                    } else {
                        readGroup(item, defaults: defaults)
                    }
                }
            }
        }
        if isEmpty, let root = roots.first {
            let section = files.compactMap { $0[InventoryKey.Section.hosts.rawValue]?.position }.first
            report.error(
                .noHosts,
                at: section ?? root.position,
                "the inventory has no hosts",
                hint: "write hosts: and below it name: qemu+tls://name.example.net/system"
            )
        }
        return Inventory(hosts: hosts, tagPrefix: defaults.tagPrefix)
    }

    private mutating func merge(_ defaults: YAMLEntry, over options: HostOptions) -> HostOptions {
        let entries = defaults.value.entries(of: "defaults", keys: InventoryKey.defaults, report: &report) ?? [:]
        var merged = options.merging(entries, of: "defaults", level: .defaults, report: &report)
        if case .template(let template) = merged.address, !template.hasPlaceholder {
            report.error(
                .invalidValue,
                at: template.position,
                "the uri of the defaults would make all hosts one hypervisor",
                hint:
                    "write \(URITemplate.placeholder) where their names belong, as in qemu+tls://{name}.example.net/system"
            )
            merged.address = .wrong
        }
        return merged
    }

    private mutating func readHost(_ entry: YAMLEntry, owner: HostRegister.Owner, defaults: HostOptions) {
        guard
            let names = register.names(of: .one(entry.key), way: .named, at: entry.position, report: &report)
        else { return }
        do throws(MalformedValue) {
            try HostName.check(entry.key)
        } catch {
            let isRange = entry.key.contains("[")
            let hint = isRange ? "list ranges under hosts of a group, in groups" : error.hint
            report.error(error.code, at: entry.position, error.message, hint: hint)
        }
        let options = options(entry, over: defaults)
        if case .missing = options.address {
            report.error(
                .missingValue,
                at: entry.position,
                "\(entry.key.quoted) has no uri",
                hint: "write uri: and where the host is, for example qemu+tls://host/system"
            )
        }
        for name in register.claim(names, for: owner, way: .named, at: entry.position, report: &report) {
            add(name, options)
        }
    }

    /// What a host says over others: a mapping, or its URI alone.
    mutating func options(_ host: YAMLEntry, over options: HostOptions) -> HostOptions {
        if host.value.isNull { return options }
        var entries = [InventoryKey.uri.rawValue: host]
        if case .mapping = host.value.content {
            entries = host.value.entries(of: "a host", keys: InventoryKey.host, report: &report) ?? [:]
        }
        return options.merging(entries, of: host.key, level: .host, report: &report)
    }
}
