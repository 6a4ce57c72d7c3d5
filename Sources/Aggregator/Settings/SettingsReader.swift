/// Reads settings from a file's value and from flags; mistakes go to its report, and reading goes on.
struct SettingsReader {
    private(set) var settings = Settings()
    private(set) var report = DiagnosticReport()

    /// Where each key was last set.
    private var origins: [String: Position] = [:]

    /// Keys whose values say nothing, which has been reported.
    private var malformed: Set<String> = []

    mutating func read(_ root: YAMLValue) {
        read(root, name: "the settings", prefix: "")
    }

    /// Reads what stands below one level of the names.
    ///
    /// Messages call the level `name`; the names of its keys begin with `prefix`, for example `bus.`.
    private mutating func read(_ value: YAMLValue, name: String, prefix: String) {
        var words: [String] = []
        for key in SettingsKey.all where key.name.hasPrefix(prefix) {
            let word = String(key.name.dropFirst(prefix.count).prefix { $0 != "." })
            if !words.contains(word) { words.append(word) }
        }
        for entry in value.entries(of: name, report: &report) ?? [] {
            let path = prefix + entry.key
            if !words.contains(entry.key) {
                reportUnknown(entry, of: name, path: path, words: words)
            } else if let key = SettingsKey.all.first(where: { $0.name == path }) {
                origins[path] = entry.value.position
                if let change = entry.value.parsed(as: key.parser, name: path, report: &report) {
                    change(&settings)
                } else {
                    malformed.insert(path)
                }
            } else {
                read(entry.value, name: path, prefix: path + ".")
            }
        }
    }

    private mutating func reportUnknown(_ entry: YAMLEntry, of name: String, path: String, words: [String]) {
        let isDotted = entry.key.contains(".") && SettingsKey.all.contains { $0.name == path }
        report.error(
            .unknownKey,
            at: entry.position,
            "\(entry.key.quoted) is no key of \(name)",
            hint: isDotted
                ? "nest it, as in \(Self.nested(entry.key))" : Vocabulary(words: words).hint(for: entry.key)
        )
    }

    /// `a.b.c` as a file has it: `a: {b: {c: …}}`.
    private static func nested(_ key: String) -> String {
        let parts = key.split(separator: ".")
        return parts.joined(separator: ": {") + ": …" + String(repeating: "}", count: parts.count - 1)
    }

    mutating func read(flags: [String: String]) {
        for key in SettingsKey.all {
            guard let text = flags[key.name] else { continue }
            let position = Position.flag("--\(key.flag)")
            do throws(MalformedValue) {
                try key.parser.parse(text)(&settings)
                origins[key.name] = position
            } catch {
                report.error(error.code, at: position, error.message, hint: error.hint)
                malformed.insert(key.name)
            }
        }
    }

    /// Checks what no key can say alone; to be called last.
    mutating func checkTogether() {
        checkBackoff()
        checkProbe()
        checkConfirmation()
    }

    /// Without an echo only the operator knows the framing; with one it is found out, and what was set would be void.
    private mutating func checkConfirmation() {
        guard malformed.isDisjoint(with: [SettingsKey.busConfirm.name, SettingsKey.busFraming.name]) else { return }
        switch (settings.bus.confirm, settings.bus.framing) {
        case (.write, nil):
            guard let position = origins[SettingsKey.busConfirm.name] else { return }
            report.error(
                .missingValue,
                at: position,
                "bus.confirm: write needs bus.framing: without an echo nothing shows what the master speaks",
                hint:
                    "add bus.framing: length-prefixed for Salt 3006.26, 3007.15, 3008.2 and newer, bare for older ones"
            )
        case (.echo, .some):
            guard let position = origins[SettingsKey.busFraming.name] else { return }
            report.error(
                .invalidValue,
                at: position,
                "bus.framing is for bus.confirm: write alone: where echoes confirm, they tell the framing, too",
                hint: "remove it, or set bus.confirm: write where pub cannot be read"
            )
        case (.echo, nil), (.write, .some): break
        }
    }

    /// One that is late must not be overtaken by the next: a host has at most one call outstanding.
    private mutating func checkProbe() {
        guard settings.probeDeadline > settings.probe,
            malformed.isDisjoint(with: [SettingsKey.probe.name, SettingsKey.probeDeadline.name])
        else { return }
        let position = origins[SettingsKey.probeDeadline.name] ?? origins[SettingsKey.probe.name]
        guard let position else { return }
        report.error(
            .invalidValue,
            at: position,
            "probe_deadline, \(settings.probeDeadline.text), is longer than probe, \(settings.probe.text)",
            hint: "write a deadline that is at most probe"
        )
    }

    private mutating func checkBackoff() {
        guard settings.backoff.cap < settings.backoff.base else { return }
        let position = origins[SettingsKey.backoffCap.name] ?? origins[SettingsKey.backoffBase.name]
        guard let position else { return }
        report.error(
            .invalidValue,
            at: position,
            "backoff.cap, \(settings.backoff.cap.text), is below backoff.base, \(settings.backoff.base.text)",
            hint: "write a cap that is at least the base"
        )
    }
}
