/// Names of hosts written as one: `kvm7[01-40]`, `rack[1-3]-kvm[01-16]`, `kvm[01-04,09,12-14]`, `node-[a-f]`.
///
/// It knows how many names it stands for without making them, so that one line cannot exhaust the memory.
struct HostPattern: Equatable, Sendable {
    /// A name has 63 bytes at most; this leaves room for a list of what is in its brackets.
    static let lengthLimit = 1024

    private enum Part: Equatable {
        case text(String)
        case choice([Span])
    }

    /// The pattern as it was written.
    let text: String
    private let parts: [Part]

    /// How many names there are; `Int.max` for more than that.
    let count: Int

    /// The pattern of one name, whatever its characters.
    static func one(_ name: String) -> HostPattern {
        HostPattern(text: name, parts: [.text(name)], count: 1)
    }

    private init(text: String, parts: [Part], count: Int) {
        self.text = text
        self.parts = parts
        self.count = count
    }

    init(_ text: String) throws(MalformedValue) {
        guard text.utf8.count <= Self.lengthLimit else {
            throw MalformedValue(
                code: .invalidName,
                message: "a host name or range of more than \(Self.lengthLimit) bytes",
                hint: "write several shorter ones"
            )
        }
        self.text = text
        parts = try Self.parts(of: text)
        count = parts.reduce(1) { product, part in
            guard case .choice(let spans) = part else { return product }
            let sum = spans.reduce(0) { $0.addingWithin($1.count) }
            return product.multipliedWithin(sum)
        }
    }

    /// The names in order, the last range running fastest; `nil` when there are more than `limit`.
    func names(limit: Int) -> [String]? {
        guard count <= limit else { return nil }
        return parts.reduce([""]) { names, part in
            switch part {
            case .text(let text): names.map { $0 + text }
            case .choice(let spans):
                names.flatMap { name in spans.flatMap { $0.words.map { name + $0 } } }
            }
        }
    }

    private static func parts(of text: String) throws(MalformedValue) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while let bracket = rest.firstIndex(where: { $0 == "[" || $0 == "]" }) {
            parts.append(.text(String(rest[..<bracket])))
            let inner = rest[rest.index(after: bracket)...]
            guard rest[bracket] == "[", let end = inner.firstIndex(where: { $0 == "[" || $0 == "]" }),
                inner[end] == "]"
            else {
                throw MalformedValue(
                    code: .invalidName,
                    message: "a bracket of \(text.quoted) has no partner",
                    hint: "write ranges as in kvm[01-40], not one within another"
                )
            }
            var spans: [Span] = []
            for span in inner[..<end].split(separator: ",", omittingEmptySubsequences: false) {
                spans.append(try Span(span))
            }
            parts.append(.choice(spans))
            rest = inner[inner.index(after: end)...]
        }
        parts.append(.text(String(rest)))
        return parts
    }
}

extension Int {
    /// The sum of two numbers that are not negative, `Int.max` at most.
    fileprivate func addingWithin(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The product of two numbers that are not negative, `Int.max` at most.
    fileprivate func multipliedWithin(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
