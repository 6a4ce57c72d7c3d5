internal import Connections

/// Which events of a host go out: `all`, `domain`, `domain/lifecycle`, `!nodedev`, in order.
///
/// The last word that matches an event decides. Only negations start from everything; any other list starts from
/// nothing.
struct Filter: Hashable, Sendable {
    /// The filter that lets everything through, which is the default.
    static let all = Filter([FilterWord.all])

    /// The words in order; two filters of different words differ, though they may let the same events through.
    let words: [FilterWord]

    /// The libvirt kinds to register, in the order of ``EventKind/all``.
    let kinds: [EventKind]

    init(_ words: [FilterWord]) {
        self.words = words
        kinds = EventKind.all.filter { Self.decide(words, object: $0.object.rawValue, event: $0.name) }
    }

    /// Whether one of our own events about a host goes out, given by the last segment of its tag, for example `down`.
    func wants(host: String) -> Bool {
        Self.decide(words, object: FilterWord.host, event: host)
    }

    private static func decide(_ words: [FilterWord], object: String, event: String) -> Bool {
        let last = words.last { $0.matches(object: object, event: event) }
        return last.map { !$0.isNegated } ?? words.allSatisfy(\.isNegated)
    }
}

extension Filter {
    /// Warns of a filter that hears nothing.
    func warnIfSilent(at position: Position, report: inout DiagnosticReport) {
        guard kinds.isEmpty else { return }
        report.warning(
            .silentFilter,
            at: position,
            "these filters let no event of libvirt through",
            hint: "add all or an object, for example domain"
        )
    }

    /// Warns of events that are asked for by name, and that the library here is too old for.
    func warnIfNewer(
        than library: LibvirtVersion? = .installed,
        at position: Position,
        report: inout DiagnosticReport
    ) {
        guard let library else { return }
        for kind in kinds where kind.since > library {
            guard words.contains(where: { !$0.isNegated && $0.path == kind.path }) else { continue }
            report.warning(
                .newerThanLibrary,
                at: position,
                "\(kind.path) needs libvirt \(kind.since), and the library here is \(library)",
                hint: "expect no such event before libvirt is upgraded here, and on the host"
            )
        }
    }
}
