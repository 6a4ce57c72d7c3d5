internal import Connections

/// Reads the filters of Salt's engine, which knows no negation and passes over what it does not know.
enum EngineFilter {
    /// What the engine matches: `all`, its objects, its events.
    private static let words =
        [FilterWord.all]
        + FilterWord.known.filter { word in
            EventKind.table.contains { kind in
                kind.isOfEngine && word.object == kind.object.rawValue && (word.event ?? kind.name) == kind.name
            }
        }

    /// What the engine would let through, and our own events about the host, which it has no word for.
    static func filter(_ value: YAMLValue, report: inout DiagnosticReport) -> Filter? {
        let found: [FilterWord]
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
            found = items.compactMap { word($0, report: &report) }
        case .scalar(let text, _):
            found = words(in: text)
            report.warning(
                .wrongType,
                at: value.position,
                "filters is a text, in which the engine finds \(found.isEmpty ? "nothing" : found.map(\.path).joined(separator: ", "))",
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
            found.contains(.all) ? .all : Filter(found + FilterWord.known.filter { $0.path == FilterWord.host })
        filter.warnIfSilent(at: value.position, report: &report)
        return filter
    }

    private static func isText(_ item: YAMLValue) -> Bool {
        if case .scalar = item.content { true } else { false }
    }

    private static func word(_ item: YAMLValue, report: inout DiagnosticReport) -> FilterWord? {
        guard case .scalar(let text, _) = item.content else { return nil }
        if let word = words.first(where: { $0.path == text }) { return word }
        report.warning(
            .invalidValue,
            at: item.position,
            "\(text.quoted) matches nothing, as in the engine",
            hint: Vocabulary(words: words.map(\.path)).nearest(to: text).map { "write \($0)" } ?? "remove it"
        )
        return nil
    }

    /// The engine looks for each word in what it is given, and finds it within a text, too.
    private static func words(in text: String) -> [FilterWord] {
        words.filter { text.contains($0.path) }
    }
}
