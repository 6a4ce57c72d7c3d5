internal import Connections

/// What defaults, groups and hosts can all say of a host; the defaults leave out where it is.
struct HostOptions {
    /// What is known of where a host is.
    enum Address {
        case missing

        /// Something was written that is no URI, and has been reported.
        case wrong
        case template(URITemplate)
    }

    /// 0 tells every outage, 1 h hides all but what somebody has noticed long since.
    static let downGraceRange = Duration.zero...(.seconds(3600))

    var address = Address.missing
    var access = HostAccess()
    var tagPrefix = TagPrefix.standard
    var tagLayout = TagLayout.host
    var filter = Filter.all
    var domains = [DomainPattern.any]
    var keepalive = Keepalive()
    var downGrace = Duration.zero
    var labels = Labels()

    /// These options with those over them that were written for `owner`.
    ///
    /// Labels, keepalive, ssh and tls merge key by key, everything else replaces.
    func merging(
        _ entries: [String: YAMLEntry],
        of owner: String,
        level: InventoryLevel,
        report: inout DiagnosticReport
    ) -> HostOptions {
        var options = self
        for (name, entry) in entries {
            guard let key = InventoryKey(rawValue: name) else { continue }
            let value = entry.value
            switch key {
            case .uri:
                let text = value.parsed(as: .uriTemplate, name: owner, report: &report)
                options.address =
                    text.map {
                        .template(URITemplate(text: $0, position: value.position, owner: owner, level: level))
                    } ?? .wrong
            case .user, .port, .ssh, .tls, .auth, .allowExt:
                options.access.merge(key, value, level: level, report: &report)
            case .tagPrefix:
                options.tagPrefix = value.parsed(as: .tagPrefix, name: name, report: &report) ?? tagPrefix
            case .tagLayout:
                options.tagLayout = value.parsed(as: .word, name: name, report: &report) ?? tagLayout
            case .filters:
                options.filter = Self.filter(value, report: &report) ?? filter
            case .domains:
                options.domains = Self.domains(value, report: &report) ?? domains
            case .keepalive:
                options.keepalive = keepalive(value, report: &report)
            case .downGrace:
                let range = Self.downGraceRange
                options.downGrace = value.parsed(as: .duration(range), name: name, report: &report) ?? downGrace
            case .labels:
                options.labels = labels.merging(Self.labels(value, report: &report))
                if options.labels.all.count > Labels.limit, labels.all.count <= Labels.limit {
                    report.error(
                        .invalidValue,
                        at: entry.position,
                        "more than \(Labels.limit) labels with those they are added to",
                        hint: "keep the ones reactors read"
                    )
                }
            }
        }
        return options
    }

    private static func domains(_ value: YAMLValue, report: inout DiagnosticReport) -> [DomainPattern]? {
        guard let items = value.items(of: "domains", report: &report) else { return nil }
        guard (1...DomainPattern.countLimit).contains(items.count) else {
            report.error(
                items.isEmpty ? .missingValue : .invalidValue,
                at: value.position,
                items.isEmpty ? "domains is empty" : "domains has more than \(DomainPattern.countLimit) patterns",
                hint: items.isEmpty
                    ? "write names, as in [\"web*\"], or leave the key out"
                    : "use * and [abc] to say the same with fewer"
            )
            return nil
        }
        return items.compactMap { $0.parsed(as: .domainPattern, name: "domains", report: &report) }
    }

    private static func filter(_ value: YAMLValue, report: inout DiagnosticReport) -> Filter? {
        guard let items = value.items(of: "filters", report: &report) else { return nil }
        let words = items.map { $0.parsed(as: .filterWord, name: "filters", report: &report) }
        guard !words.isEmpty else {
            report.error(
                .missingValue,
                at: value.position,
                "filters is empty",
                hint: "write [all], or leave the key out"
            )
            return nil
        }
        // A wrong word has been reported; what the others would do without it is not what was meant.
        guard !words.contains(nil) else { return nil }
        let filter = Filter(words.compactMap(\.self))
        filter.warnIfSilent(at: value.position, report: &report)
        filter.warnIfNewer(at: value.position, report: &report)
        return filter
    }

    private func keepalive(_ value: YAMLValue, report: inout DiagnosticReport) -> Keepalive {
        var keepalive = keepalive
        let keys = InventoryKey.Keepalive.allCases.map(\.rawValue)
        for (key, entry) in value.entries(of: "keepalive", keys: keys, report: &report) ?? [:] {
            switch InventoryKey.Keepalive(rawValue: key) {
            case .interval:
                let seconds = ValueParser.duration(.seconds(1)...(.seconds(3600)), step: .seconds(1))
                keepalive.interval =
                    entry.value.parsed(as: seconds, name: key, report: &report) ?? keepalive.interval
            case .count:
                keepalive.count =
                    entry.value.parsed(as: .integer(1...100), name: key, report: &report) ?? keepalive.count
            case nil: break
            }
        }
        return keepalive
    }

    private static func labels(_ value: YAMLValue, report: inout DiagnosticReport) -> Labels {
        var labels: [String: String] = [:]
        for entry in value.entries(of: "labels", report: &report) ?? [] {
            do throws(MalformedValue) {
                try checkLabelName(entry.key)
                labels[entry.key] = entry.value.parsed(as: .labelValue, name: entry.key, report: &report)
            } catch {
                report.error(error.code, at: entry.position, error.message, hint: error.hint)
            }
        }
        return Labels(labels)
    }

    private static func checkLabelName(_ name: String) throws(MalformedValue) {
        guard (1...63).contains(name.utf8.count), let first = name.utf8.first,
            first == UInt8(ascii: "_") || first.isLetterOrDigit && !(0x30...0x39).contains(first),
            name.utf8.allSatisfy({ $0.isLetterOrDigit || "._-".utf8.contains($0) })
        else {
            throw MalformedValue(
                code: .invalidName,
                message: "\(name.quoted) is no label name",
                hint: "start with a letter or _, then use letters, digits, dots, _ and -, 63 at most"
            )
        }
    }
}

extension ValueParser where Value == String {
    /// The text of a label; numbers and booleans are kept as they were written.
    fileprivate static let labelValue = ValueParser(kind: "a text", hint: "write a text, \"\" for an empty one") {
        text throws(MalformedValue) in
        guard text.utf8.count <= Labels.valueLimit else {
            throw MalformedValue(
                message: "the value has more than \(Labels.valueLimit) bytes",
                hint: "write a shorter one"
            )
        }
        return text
    }
}
