internal import Connections

/// Reads the filters of Salt's engine, which knows no negation and passes over what it does not know.
enum EngineFilter {
    /// The events that the engine has, by object.
    ///
    /// A word of these that we do not relay yet is a warning, any other one that the engine would not have matched.
    static let events: [(object: String, names: [String])] = [
        (
            "domain",
            [
                "lifecycle", "reboot", "rtc_change", "watchdog", "graphics", "io_error", "control_error",
                "disk_change", "tray_change", "pmwakeup", "pmsuspend", "balloon_change", "pmsuspend_disk",
                "device_removed", "block_job", "tunable", "agent_lifecycle", "device_added", "migration_iteration",
                "job_completed", "device_removal_failed", "metadata_change", "block_threshold",
            ]
        ),
        ("network", ["lifecycle"]),
        ("pool", ["lifecycle", "refresh"]),
        ("nodedev", ["lifecycle", "update"]),
        ("secret", ["lifecycle", "value_changed"]),
    ]

    /// What the engine would let through, and our own events about the host, which it has no word for.
    static func filter(_ value: YAMLValue, report: inout DiagnosticReport) -> Filter? {
        let words: [FilterWord]
        switch value.content {
        case .list(let items):
            guard items.allSatisfy(isText) else {
                report.error(
                    .wrongType,
                    at: value.position,
                    "a filter must be a text, found a list or a mapping",
                    hint: "write a list of texts, as in [domain/lifecycle]"
                )
                return nil
            }
            words = items.compactMap { word($0, report: &report) }
        case .scalar(let text, _):
            words = self.words(in: text)
            report.warning(
                .wrongType,
                at: value.position,
                "filters is a text, in which the engine finds \(words.isEmpty ? "nothing" : words.map(\.path).joined(separator: ", "))",
                hint: "write a list, as in [domain/lifecycle]"
            )
        case .mapping:
            report.error(
                .wrongType,
                at: value.position,
                "filters must be a list, found a mapping",
                hint: "write a list, as in [domain/lifecycle]"
            )
            return nil
        }
        // The engine takes `all` wherever it stands; our own filters take the last word that matches.
        let filter =
            words.contains(.all) ? .all : Filter(words + FilterWord.known.filter { $0.path == FilterWord.host })
        filter.warnIfSilent(at: value.position, report: &report)
        return filter
    }

    private static func isText(_ item: YAMLValue) -> Bool {
        if case .scalar = item.content { true } else { false }
    }

    private static func word(_ item: YAMLValue, report: inout DiagnosticReport) -> FilterWord? {
        guard case .scalar(let text, _) = item.content else { return nil }
        if !text.hasPrefix("!"), let word = FilterWord.known.first(where: { $0.path == text }),
            word.object != FilterWord.host
        {
            return word
        }
        let paths = events.flatMap { object, names in [object] + names.map { "\(object)/\($0)" } }
        if paths.contains(text) {
            report.warning(.notRelayed, at: item.position, "\(text) is not relayed yet", hint: "expect no such event")
        } else {
            report.warning(
                .invalidValue,
                at: item.position,
                "\(text.quoted) matches nothing, as in the engine",
                hint: Vocabulary(words: ["all"] + paths).nearest(to: text).map { "write \($0)" } ?? "remove it"
            )
        }
        return nil
    }

    /// The engine looks for each word in what it is given, and finds it within a text, too.
    private static func words(in text: String) -> [FilterWord] {
        FilterWord.known.filter { $0.object != FilterWord.host && text.contains($0.path) }
    }
}
