internal import Connections

extension EngineReader {
    /// The host of an engine, if all that it is given is right.
    mutating func host(_ configured: Configured) -> InventoryHost? {
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
        let aliases = aliases
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
