/// Names of domains as a shell would match them: `*`, `?`, `[abc]`, `[a-f]` and `[!abc]`; everything else is itself.
struct DomainPattern: Hashable, Sendable {
    static let any = DomainPattern(text: "*", parts: [.anything])

    /// How many bytes a pattern may have.
    ///
    /// Matching takes at most this times the length of the name, which is 4 KiB.
    static let lengthLimit = 256

    /// How many patterns a host may have.
    static let countLimit = 64

    private enum Part: Hashable {
        /// Any number of characters.
        case anything
        case one(Unicode.Scalar)

        /// One character that is in the ranges, or in none of them.
        case choice([ClosedRange<Unicode.Scalar>], isNegated: Bool)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .anything: true
            case .one(let other): scalar == other
            case .choice(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
            }
        }
    }

    /// The pattern as it was written.
    let text: String
    private let parts: [Part]

    private init(text: String, parts: [Part]) {
        self.text = text
        self.parts = parts
    }

    init(_ text: String) throws(MalformedValue) {
        guard (1...Self.lengthLimit).contains(text.utf8.count) else {
            throw MalformedValue(
                message: text.isEmpty ? "a pattern is empty" : "a pattern has more than \(Self.lengthLimit) bytes",
                hint: "write the name of a domain, with * for what differs"
            )
        }
        var parts: [Part] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if parts.last != .anything { parts.append(.anything) }
            case "?": parts.append(.choice([], isNegated: true))
            case "[": parts.append(try Self.choice(&rest, of: text))
            default: parts.append(.one(scalar))
            }
        }
        self.init(text: text, parts: parts)
    }

    /// Whether a name is meant, all of it.
    ///
    /// Names are a guest's owner's to choose, so there is no recursion, and one step back at most for each character.
    func matches(_ name: String) -> Bool {
        if self == .any { return true }
        let scalars = name.unicodeScalars
        var (part, place) = (0, scalars.startIndex)
        var retry: (part: Int, place: String.Index)?
        while place < scalars.endIndex {
            if part < parts.count, parts[part] == .anything {
                retry = (part, place)
                part += 1
            } else if part < parts.count, parts[part].matches(scalars[place]) {
                part += 1
                place = scalars.index(after: place)
            } else if let last = retry {
                // What stands for anything takes one character more.
                let next = scalars.index(after: last.place)
                retry = (last.part, next)
                (part, place) = (last.part + 1, next)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .anything }
    }

    /// The choice whose bracket has just been read; a `]` that comes first is one of its characters.
    private static func choice(
        _ rest: inout Substring.UnicodeScalarView,
        of text: String
    ) throws(MalformedValue) -> Part {
        let isNegated = rest.first == "!"
        if isNegated { rest.removeFirst() }
        guard let end = rest.dropFirst().firstIndex(of: "]") else {
            throw MalformedValue(
                message: "a bracket of \(text.quoted) is not closed",
                hint: "write [abc], or [[] for the bracket itself"
            )
        }
        var scalars = rest[..<end]
        rest = rest[rest.index(after: end)...]
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let lower = scalars.popFirst() {
            guard scalars.count >= 2, scalars.first == "-" else {
                ranges.append(lower...lower)
                continue
            }
            scalars.removeFirst()
            let upper = scalars.removeFirst()
            guard lower <= upper else {
                throw MalformedValue(
                    message: "a range of \(text.quoted) runs backwards",
                    hint: "write [\(upper)-\(lower)]"
                )
            }
            ranges.append(lower...upper)
        }
        return .choice(ranges, isNegated: isNegated)
    }
}

extension ValueParser where Value == DomainPattern {
    static let domainPattern = ValueParser(kind: "a pattern", hint: "write names of domains, as in [\"web*\"]") {
        text throws(MalformedValue) in try DomainPattern(text)
    }
}
