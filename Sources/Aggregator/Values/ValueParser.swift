internal import Connections

/// How a text, from a file or from a flag, becomes a value.
struct ValueParser<Value>: Sendable {
    /// What is wanted, as a message names it: `a duration`.
    let kind: String

    /// What to write, shown when something of another type was found.
    let hint: String
    let parse: @Sendable (String) throws(MalformedValue) -> Value

    /// A parser of what `transform` makes of the value.
    func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> ValueParser<Other> {
        ValueParser<Other>(kind: kind, hint: hint) { [parse] text throws(MalformedValue) in
            transform(try parse(text))
        }
    }
}

extension ValueParser where Value == String {
    /// Any text that is not empty.
    static let text = ValueParser(kind: "a text", hint: "write a text") { text throws(MalformedValue) in
        guard !text.isEmpty else { throw MalformedValue(message: "the text is empty", hint: "write a text") }
        return text
    }

    /// A path, absolute or from the working directory.
    static let path = ValueParser(kind: "a path", hint: "write a path") { text throws(MalformedValue) in
        guard !text.isEmpty, !text.utf8.contains(0) else {
            throw MalformedValue(message: "\(text.quoted) is no path", hint: "write a path")
        }
        return text
    }
}

extension ValueParser where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> ValueParser {
        let hint = "write a whole number from \(range.lowerBound) to \(range.upperBound)"
        return ValueParser(kind: "a whole number", hint: hint) { text throws(MalformedValue) in
            guard let number = Int(text) else {
                throw MalformedValue(message: "\(text.quoted) is no whole number", hint: hint)
            }
            guard range.contains(number) else {
                throw MalformedValue(message: "\(number) is out of range", hint: hint)
            }
            return number
        }
    }
}

extension ValueParser where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One word of a closed list.
    static var word: ValueParser {
        let words = Vocabulary(words: Value.allCases.map(\.rawValue))
        let choice = "one of \(words.words.joined(separator: ", "))"
        return ValueParser(kind: choice, hint: "write \(choice)") { text throws(MalformedValue) in
            guard let value = Value(rawValue: text) else {
                throw MalformedValue(message: "\(text.quoted) is not \(choice)", hint: words.hint(for: text))
            }
            return value
        }
    }
}

extension ValueParser where Value == LibvirtURI {
    /// A libvirt connection URI.
    static let uri = ValueParser(
        kind: "a URI",
        hint: "write a URI, for example qemu+tls://host/system"
    ) { text throws(MalformedValue) in
        guard text.utf8.count <= 2048 else {
            throw MalformedValue(
                message: "the URI has more than 2048 bytes",
                hint: "write driver+transport://host/path"
            )
        }
        do throws(LibvirtURI.Malformed) {
            return try LibvirtURI(text)
        } catch {
            throw MalformedValue(message: error.message, hint: error.hint)
        }
    }
}
