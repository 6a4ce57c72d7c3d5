internal import Connections

/// Reads the values of inventory files; mistakes go to its report, and reading goes on.
struct InventoryReader {
    var report = DiagnosticReport()
    var register = HostRegister()

    /// Where each group was written first.
    var groups: [String: Position] = [:]

    private var hosts: [InventoryHost] = []

    /// The first host of each URI.
    private var hostsByURI: [String: String] = [:]

    /// The templates that have been reported; none of their hosts is told again.
    var badTemplates: Set<Position> = []

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
            .reduce(HostOptions()) { options, entry in merge(entry, over: options) }
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
        let (keys, later) = (InventoryKey.defaults, InventoryKey.later)
        let entries = defaults.value.entries(of: "defaults", keys: keys, later: later, report: &report) ?? [:]
        return options.merging(entries, of: "defaults", report: &report)
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
            let (keys, later) = (InventoryKey.host, InventoryKey.later)
            entries = host.value.entries(of: "a host", keys: keys, later: later, report: &report) ?? [:]
        }
        return options.merging(entries, of: host.key, report: &report)
    }

    /// Adds a host, if it is known where it is.
    mutating func add(_ name: String, _ options: HostOptions) {
        guard case .template(let template) = options.address, !badTemplates.contains(template.position) else { return }
        do throws(MalformedValue) {
            let uri = try template.uri(of: name)
            if let other = hostsByURI.updateValue(name, forKey: uri.text) {
                report.warning(
                    .duplicateURI,
                    at: template.position,
                    "\(name) has the URI of \(other)",
                    hint: "remove one of them, or every event goes out twice"
                )
            }
            let host = Host(name: name, uri: uri, keepalive: options.keepalive, kinds: options.filter.kinds)
            hosts.append(
                InventoryHost(
                    host: host,
                    labels: options.labels,
                    tagPrefix: options.tagPrefix,
                    filter: options.filter
                )
            )
        } catch {
            badTemplates.insert(template.position)
            let message = "\(template.owner): \(error.message)"
            report.error(error.code, at: template.position, message, hint: error.hint)
        }
    }
}
