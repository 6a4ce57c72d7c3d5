internal import Connections

/// Reads the value of an inventory file; mistakes go to its report, and reading goes on.
struct InventoryReader {
    private(set) var report = DiagnosticReport()

    /// What the file says as far as it is right; of use only when the report has no error.
    mutating func inventory(of root: YAMLValue) -> Inventory {
        let sections = InventoryKey.Section.allCases.map(\.rawValue)
        let entries = root.entries(of: "the inventory", keys: sections, report: &report) ?? [:]
        if let groups = entries[InventoryKey.Section.groups.rawValue] {
            report.error(
                .notSupported,
                at: groups.position,
                "groups are not supported yet",
                hint: "list each host under hosts, and put what they share under defaults"
            )
        }
        let defaults = options(entries[InventoryKey.Section.defaults.rawValue])
        let hosts = entries[InventoryKey.Section.hosts.rawValue]
        return Inventory(hosts: self.hosts(hosts, root: root, defaults: defaults), tagPrefix: defaults.tagPrefix)
    }

    private mutating func options(_ defaults: YAMLEntry?) -> HostOptions {
        let keys = InventoryKey.defaults
        let entries = defaults?.value.entries(of: "defaults", keys: keys, report: &report) ?? [:]
        return HostOptions().merging(entries, report: &report)
    }

    private mutating func hosts(_ hosts: YAMLEntry?, root: YAMLValue, defaults: HostOptions) -> [InventoryHost] {
        let entries = hosts.map { $0.value.entries(of: "hosts", report: &report) } ?? []
        // Something else than a mapping has been reported.
        guard let entries else { return [] }
        if entries.isEmpty {
            report.error(
                .noHosts,
                at: hosts?.position ?? root.position,
                "the inventory has no hosts",
                hint: "write hosts: and below it name: qemu+tls://name.example.net/system"
            )
        }
        if entries.count > Inventory.hostLimit {
            report.error(
                .tooManyHosts,
                at: entries[Inventory.hostLimit].position,
                "more than \(Inventory.hostLimit) hosts",
                hint: "watch the others from a second service"
            )
        }
        var names: [String: String] = [:]
        return entries.prefix(Inventory.hostLimit).compactMap { entry in
            guard let (host, position) = self.host(entry, defaults: defaults) else { return nil }
            if let other = names.updateValue(entry.key, forKey: host.host.uri.text) {
                report.warning(
                    .duplicateURI,
                    at: position,
                    "\(entry.key) has the URI of \(other)",
                    hint: "remove one of them, or every event goes out twice"
                )
            }
            return host
        }
    }

    /// The host and where its URI stands; `nil` when it has none that can be used.
    private mutating func host(_ entry: YAMLEntry, defaults: HostOptions) -> (InventoryHost, Position)? {
        do throws(MalformedValue) {
            try HostName.check(entry.key)
        } catch {
            report.error(error.code, at: entry.position, error.message, hint: error.hint)
        }
        var options = defaults
        var value = entry.value
        switch value.content {
        case .mapping:
            let keys = value.entries(of: "a host", keys: InventoryKey.host, report: &report) ?? [:]
            options = defaults.merging(keys, report: &report)
            guard let uri = keys[InventoryKey.uri.rawValue]?.value else {
                reportMissingURI(entry)
                return nil
            }
            value = uri
        case .scalar where value.isNull:
            reportMissingURI(entry)
            return nil
        case .scalar, .list: break
        }
        guard let uri = value.parsed(as: .hostURI, name: entry.key, report: &report) else { return nil }
        let host = Host(name: entry.key, uri: uri, keepalive: options.keepalive, kinds: options.filter.kinds)
        let inventoryHost = InventoryHost(
            host: host,
            labels: options.labels,
            tagPrefix: options.tagPrefix,
            filter: options.filter
        )
        return (inventoryHost, value.position)
    }

    private mutating func reportMissingURI(_ entry: YAMLEntry) {
        report.error(
            .missingValue,
            at: entry.position,
            "\(entry.key.quoted) has no uri",
            hint: "write uri: and where the host is, for example qemu+tls://host/system"
        )
    }
}
