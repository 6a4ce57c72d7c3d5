internal import Connections

/// Reads the values of inventory files; mistakes go to its report, and reading goes on.
struct InventoryReader {
    var report = DiagnosticReport()
    var register = HostRegister()
    let files: FileSource

    /// libvirt's own short names for URIs, read when there is need of them.
    private lazy var aliases = LibvirtAliases(of: machine, files: files)
    private let machine: LocalMachine

    /// Where each group was written first.
    var groups: [String: Position] = [:]

    private var hosts: [InventoryHost] = []

    /// The first host of each URI.
    private var hostsByURI: [String: String] = [:]

    /// The first host of each beginning of tags, and where it is named.
    private var hostsByTag: [String: (name: String, position: Position)] = [:]

    /// The templates that have been reported; none of their hosts is told again.
    var badTemplates: Set<Position> = []

    /// What has been said of a place, so that a group of a thousand hosts is told once.
    private var told: Set<Finding> = []

    /// The files that have been looked at.
    private var checked: Set<NamedFile> = []

    private struct Finding: Hashable {
        let position: Position
        let code: Diagnostic.Code
    }

    init(files: FileSource, machine: LocalMachine) {
        self.files = files
        self.machine = machine
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
        let entries = defaults.value.entries(of: "defaults", keys: InventoryKey.defaults, report: &report) ?? [:]
        return options.merging(entries, of: "defaults", level: .defaults, report: &report)
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

    /// Adds a host, if it is known where it is.
    mutating func add(_ name: String, _ options: HostOptions) {
        guard case .template(let template) = options.address, !badTemplates.contains(template.position) else { return }
        do throws(MalformedValue) {
            let route = options.access.route(to: try uri(of: name, template), written: template)
            for finding in route.findings { tell(finding) }
            for file in route.files where checked.insert(file).inserted {
                var found = DiagnosticReport()
                file.check(files, report: &found)
                for finding in found.diagnostics { tell(finding) }
            }
            let host = Host(
                name: name,
                uri: route.uri,
                credentials: route.credentials,
                keepalive: options.keepalive,
                kinds: options.filter.kinds,
                downGrace: options.downGrace
            )
            let inventoryHost = InventoryHost(
                host: host,
                labels: options.labels,
                tagPrefix: options.tagPrefix,
                filter: options.filter,
                tagLayout: options.tagLayout,
                domains: options.domains
            )
            try claimTags(of: inventoryHost, at: template.position)
            if let other = hostsByURI.updateValue(name, forKey: route.uri.text) {
                report.warning(
                    .duplicateURI,
                    at: template.position,
                    "\(name) has the URI of \(other)",
                    hint: "remove one of them, or every event goes out twice"
                )
            }
            hosts.append(inventoryHost)
        } catch {
            badTemplates.insert(template.position)
            let message = "\(template.owner): \(error.message)"
            report.error(error.code, at: template.position, message, hint: error.hint)
        }
    }

    private mutating func uri(of name: String, _ template: URITemplate) throws(MalformedValue) -> LibvirtURI {
        let text = template.text(of: name)
        guard LibvirtAliases.isName(text) else { return try ValueParser.hostURI.parse(text) }
        guard let target = aliases.targets[text] else {
            throw MalformedValue(
                message: "\(text.quoted) has no scheme and is no alias of libvirt.conf",
                hint: "write where the host is, for example qemu+tls://host/system"
            )
        }
        // An alias is one machine's own; the inventory should mean the same wherever it is read.
        let what = (try? LibvirtURI(target))?.redacted ?? "no URI"
        throw MalformedValue(
            message: "\(text.quoted) is an alias of \(machine.libvirtConf ?? "libvirt.conf"), for \(what)",
            hint: "write the URI that stands there"
        )
    }

    /// No two hosts may have the same tags, which only those of the engine's layout can.
    private mutating func claimTags(of host: InventoryHost, at position: Position) throws(MalformedValue) {
        guard host.tagLayout == .host || (try? host.checkTags()) != nil else {
            throw MalformedValue(
                message: "the URI makes no tag in the engine's layout",
                hint: "write it without // in its path and with fewer than 700 bytes, or use tag_layout: host"
            )
        }
        guard let base = host.tagBase, let other = hostsByTag.updateValue((host.host.name, position), forKey: base)
        else { return }
        throw MalformedValue(
            code: .duplicateTag,
            message: "\(host.host.name) has the tags of \(other.name) at \(other.position)",
            hint: "use tag_layout: host, or another tag_prefix, for one of them"
        )
    }

    /// Reports what is said of a place, once.
    private mutating func tell(_ finding: Diagnostic) {
        guard told.insert(Finding(position: finding.position, code: finding.code)).inserted else { return }
        report.add(finding)
    }
}
