extension InventoryReader {
    /// A host of a group, with what the group and its own item say of it.
    private struct Member {
        let name: String
        var options: HostOptions
    }

    /// Reads `name: {hosts: […], …}`: the options once, then the items, which may be told apart from them.
    mutating func readGroup(_ entry: YAMLEntry, defaults: HostOptions) {
        checkName(entry)
        guard let entries = entry.value.entries(of: "a group", keys: InventoryKey.group, report: &report) else {
            return
        }
        let options = defaults.merging(entries, of: entry.key, level: .group, report: &report)
        guard let list = entries[InventoryKey.hosts]?.value, !list.isNull else {
            reportNoHosts(entry)
            return
        }
        guard let items = list.items(of: "the hosts of a group", report: &report) else { return }
        if items.isEmpty { reportNoHosts(entry) }
        let owner = HostRegister.Owner(name: "group \(entry.key)", position: entry.position)
        var members: [Member] = []
        var index: [String: Int] = [:]
        for item in items {
            let (names, own) = read(item, of: owner, options: options)
            for name in names {
                if let known = index[name] {
                    if let own { members[known].options = own }
                } else {
                    index[name] = members.count
                    members.append(Member(name: name, options: own ?? options))
                }
            }
        }
        checkAddresses(of: members, entry: entry)
        for member in members { add(member.name, member.options) }
    }

    private mutating func checkName(_ group: YAMLEntry) {
        do throws(MalformedValue) {
            try HostName.checkForm(group.key, of: "group")
        } catch {
            report.error(error.code, at: group.position, error.message, hint: error.hint)
        }
        guard let other = groups.updateValue(group.position, forKey: group.key) else { return }
        groups[group.key] = other
        report.error(
            .duplicateKey,
            at: group.position,
            "group \(group.key.quoted) is written at \(other) already",
            hint: "keep one of them, or give this one another name"
        )
    }

    private mutating func reportNoHosts(_ group: YAMLEntry) {
        report.error(
            .missingValue,
            at: group.position,
            "group \(group.key.quoted) has no hosts",
            hint: "write hosts: and below it a list of names and ranges, for example - kvm[01-40]"
        )
    }

    /// The names that an item takes for its group, and the options it has of its own.
    private mutating func read(
        _ item: YAMLValue,
        of owner: HostRegister.Owner,
        options: HostOptions
    ) -> (names: [String], own: HostOptions?) {
        var (text, own) = ("", HostOptions?.none)
        switch item.content {
        case .scalar(let scalar, _) where !item.isNull: text = scalar
        case .mapping(let entries) where entries.count == 1:
            guard let entry = entries.first else { return ([], nil) }
            text = entry.key
            own = self.options(entry, over: options)
        default:
            report.error(
                item.isNull ? .missingValue : .wrongType,
                at: item.position,
                "an item of hosts must be a name, a range or name: {…}, found \(item.found)",
                hint: "begin each host with a - of its own, and indent what is said of it further than its name"
            )
            return ([], nil)
        }
        let way: HostRegister.Way = own == nil ? .named : .overridden
        do throws(MalformedValue) {
            let pattern = try HostPattern(text)
            guard let names = register.names(of: pattern, way: way, at: item.position, report: &report)
            else { return ([], own) }
            for name in names { try HostName.check(name) }
            return (register.claim(names, for: owner, way: way, at: item.position, report: &report), own)
        } catch {
            report.error(error.code, at: item.position, error.message, hint: error.hint)
            return ([], own)
        }
    }

    /// Every host needs a URI, and two hosts one that tells them apart.
    private mutating func checkAddresses(of members: [Member], entry: YAMLEntry) {
        var lost: [String] = []
        var sharing: [Position: (template: URITemplate, count: Int)] = [:]
        for member in members {
            switch member.options.address {
            case .missing: lost.append(member.name)
            case .template(let template) where !template.hasPlaceholder:
                sharing[template.position, default: (template, 0)].count += 1
            case .template, .wrong: break
            }
        }
        if let first = lost.first {
            report.error(
                .missingValue,
                at: entry.position,
                "group \(entry.key.quoted) has no uri for \(first)\(lost.count > 1 ? " and \(lost.count - 1) more" : "")",
                hint: "write uri: and where its hosts are, for example qemu+tls://{name}.example.net/system"
            )
        }
        for (template, count) in sharing.values where count > 1 {
            badTemplates.insert(template.position)
            report.error(
                .invalidValue,
                at: template.position,
                "\(template.owner): without \(URITemplate.placeholder) in its uri \(count) hosts are one hypervisor",
                hint:
                    "write \(URITemplate.placeholder) where their names belong, as in qemu+tls://{name}.example.net/system"
            )
        }
    }
}
