internal import Connections

/// From options to hosts.
extension InventoryReader {
    /// Adds a host, if it is known where it is.
    mutating func add(_ name: String, _ options: HostOptions) {
        guard case .template(let template) = options.address, !badTemplates.contains(template.position) else { return }
        do throws(MalformedValue) {
            let route = options.access.route(to: try uri(of: name, template), written: template)
            for finding in route.findings { tell(finding, message: finding.message) }
            for file in route.files where checked.insert(file).inserted {
                var found = DiagnosticReport()
                file.check(files, report: &found)
                for finding in found.diagnostics { tell(finding, message: nil) }
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
    private mutating func tell(_ finding: Diagnostic, message: String?) {
        let key = Finding(position: finding.position, code: finding.code, message: message)
        if told.insert(key).inserted { report.add(finding) }
    }
}
