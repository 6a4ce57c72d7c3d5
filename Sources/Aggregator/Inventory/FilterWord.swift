internal import Connections

/// One word of a ``Filter``: `all`, `object` or `object/event`, with a `!` before it when it takes away.
struct FilterWord: Hashable, Sendable {
    static let all = FilterWord(object: nil, event: nil)

    /// The object of our own events about a host.
    static let host = "host"

    /// The last tag segments of our own events about a host.
    static let hostEvents = [
        "up", "down", "gap", "degraded", "recovered", "flapping", "certificate", "paused", "resumed",
    ]

    /// Every word there is, without the negated ones.
    static let known = [all] + objects.flatMap { [$0] + events(of: $0) }

    private static let objects = (EventKind.Object.allCases.map(\.rawValue) + [host]).map {
        FilterWord(object: $0, event: nil)
    }

    private(set) var isNegated = false

    /// `nil` for all objects.
    let object: String?

    /// `nil` for all events of the object.
    let event: String?

    /// The word as it is written, without its `!`.
    var path: String {
        [object ?? "all", event].compactMap(\.self).joined(separator: "/")
    }

    private init(object: String?, event: String?) {
        self.object = object
        self.event = event
    }

    /// Reads a word; throws with the nearest right one when there is no such object or event.
    init(text: String) throws(MalformedValue) {
        let mark = text.hasPrefix("!") ? "!" : ""
        let path = String(text.dropFirst(mark.count))
        guard let word = Self.known.first(where: { $0.path == path }) else {
            let object = Self.objects.first { path.hasPrefix($0.path + "/") }
            let choices = object.map { Self.events(of: $0) } ?? [.all] + Self.objects
            let nearest = Vocabulary(words: Self.known.map(\.path)).nearest(to: path)
            throw MalformedValue(
                message: "\(text.quoted) matches nothing",
                hint: nearest.map { "write \(mark)\($0)" }
                    ?? "use one of \(choices.map { mark + $0.path }.joined(separator: ", "))"
            )
        }
        self = word
        isNegated = !mark.isEmpty
    }

    func matches(object: String, event: String) -> Bool {
        (self.object ?? object) == object && (self.event ?? event) == event
    }

    private static func events(of word: FilterWord) -> [FilterWord] {
        let names =
            word.object == host
            ? hostEvents : EventKind.all.filter { $0.object.rawValue == word.object }.map(\.name)
        return names.map { FilterWord(object: word.object, event: $0) }
    }
}

extension ValueParser where Value == FilterWord {
    static let filterWord = ValueParser(kind: "a filter", hint: "write all, an object, or object/event") {
        text throws(MalformedValue) in try FilterWord(text: text)
    }
}
