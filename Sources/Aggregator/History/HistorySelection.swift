internal import Connections
internal import Foundation
internal import SaltBus
internal import Spool

/// Which of the kept events are meant, as an operator says it.
///
/// Of several values of one filter any will do; of several filters all must be right.
struct HistorySelection: Sendable {
    /// How many values a filter may have.
    static let valueLimit = 64

    /// The texts, as flags and requests have them.
    struct Texts: Equatable, Sendable {
        var hosts: [String] = []
        var objects: [String] = []
        var kinds: [String] = []
        var domains: [String] = []
        var since: String?
        var until: String?
    }

    /// Everything that is wrong with the texts.
    struct Malformed: Error, Equatable {
        /// By the name of the filter.
        let mistakes: [(filter: String, value: MalformedValue)]

        static func == (left: Malformed, right: Malformed) -> Bool {
            left.mistakes.elementsEqual(right.mistakes) { $0 == $1 }
        }
    }

    private(set) var hosts: [DomainPattern] = []
    private(set) var objects: Set<String> = []
    private(set) var kinds: Set<SpoolSelection.Kind> = []
    private(set) var domains: [DomainPattern] = []
    private(set) var since: Timestamp?
    private(set) var until: Timestamp?

    /// - Parameters:
    ///   - now: When it is said.
    ///   - zone: Where times without a zone are meant.
    init(_ texts: Texts, now: Timestamp, zone: TimeZone) throws(Malformed) {
        var mistakes: [(filter: String, value: MalformedValue)] = []
        func each<Value>(
            _ filter: String,
            _ texts: [String],
            _ read: (String) throws(MalformedValue) -> Value
        ) -> [Value] {
            if texts.count > Self.valueLimit {
                let message = "\(texts.count) values are too many"
                mistakes.append((filter, MalformedValue(message: message, hint: "write at most \(Self.valueLimit)")))
            }
            return texts.prefix(Self.valueLimit).compactMap { text in
                do throws(MalformedValue) {
                    return try read(text)
                } catch {
                    mistakes.append((filter, error))
                    return nil
                }
            }
        }
        let time = { (text: String) throws(MalformedValue) in try Timestamp(text: text, now: now, zone: zone) }
        hosts = each("host", texts.hosts, DomainPattern.init)
        objects = Set(each("object", texts.objects, Self.object))
        kinds = Set(each("kind", texts.kinds, Self.kind))
        domains = each("domain", texts.domains, DomainPattern.init)
        since = each("since", texts.since.map { [$0] } ?? [], time).first
        until = each("until", texts.until.map { [$0] } ?? [], time).first
        if let since, let until, since > until {
            let message = "\(since.iso8601) is after until, \(until.iso8601)"
            mistakes.append(("since", MalformedValue(message: message, hint: "write the earlier time here")))
        }
        if !domains.isEmpty {
            if let other = objects.first(where: { $0 != "domain" }) {
                let message = "what is about a domain is about no \(other)"
                mistakes.append(("object", MalformedValue(message: message, hint: "leave it out, or leave out domain")))
            }
            objects = ["domain"]
        }
        if !mistakes.isEmpty { throw Malformed(mistakes: mistakes) }
    }

    /// The objects of events: libvirt's, and ours.
    static let objectWords = Vocabulary(
        words: EventKind.Object.allCases.map(\.rawValue) + [FilterWord.host, OwnEvent.Object.aggregator.rawValue]
    )

    private static let kindWords = Vocabulary(
        words: Array(Set(EventKind.all.map(\.name) + FilterWord.hostEvents + OwnEvent.Name.allCases.map(\.rawValue)))
            .sorted()
    )

    private static func object(_ text: String) throws(MalformedValue) -> String {
        guard objectWords.words.contains(text) else {
            throw MalformedValue(message: "\(text.quoted) is no object", hint: objectWords.hint(for: text))
        }
        return text
    }

    /// A kind, as `lifecycle`, or that of one object, as `domain/lifecycle`.
    private static func kind(_ text: String) throws(MalformedValue) -> SpoolSelection.Kind {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, kindWords.words.contains(name) else {
            let nearest = kindWords.nearest(to: parts.last ?? text)
            throw MalformedValue(
                message: "\(text.quoted) is no kind of event",
                hint: nearest.map { "write \($0)" } ?? "`virt-aggregator schema --docs` lists them, as domain/lifecycle"
            )
        }
        return SpoolSelection.Kind(object: parts.count == 2 ? try object(parts[0]) : nil, kind: name)
    }
}

extension HistorySelection {
    func wants(host: String) -> Bool {
        hosts.isEmpty || hosts.contains { $0.matches(host) }
    }

    /// Whether a domain is meant, by its name or its UUID.
    func wants(domain name: String, uuid: String) -> Bool {
        domains.isEmpty || domains.contains { $0.matches(name) || $0.text.lowercased() == uuid }
    }

    /// The same for the spool.
    var ofSpool: SpoolSelection {
        var selection = SpoolSelection()
        selection.since = since?.microseconds
        selection.until = until?.microseconds
        selection.objects = objects
        selection.kinds = kinds
        if !hosts.isEmpty { selection.host = { wants(host: $0) } }
        if !domains.isEmpty {
            let uuids = domains.map { $0.text.lowercased() }.filter(\.isUUID)
            selection.subject = { name, bytes in
                domains.contains { $0.matches(name) }
                    || uuids.contains { UnstampedEvent.has($0, at: "uuid", of: "domain", in: bytes) }
            }
        }
        return selection
    }
}

extension String {
    /// Whether it is of the form of a UUID.
    fileprivate var isUUID: Bool { UUID(uuidString: self) != nil }
}
