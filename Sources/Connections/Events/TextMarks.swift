/// What is to be said of an event's texts: where they stand, as JSON pointers into its data.
package struct TextMarks: Hashable, Sendable {
    /// Texts that were cut, and lists of which the end is missing.
    package var truncated: [String] = []

    /// Texts that are dangerous where somebody puts them into a template, a terminal or a line of text; see
    /// ``Swift/String/isUnsafe``.
    package var unsafe: [String] = []

    package init(truncated: [String] = [], unsafe: [String] = []) {
        self.truncated = truncated
        self.unsafe = unsafe
    }

    package static func + (left: TextMarks, right: TextMarks) -> TextMarks {
        TextMarks(truncated: left.truncated + right.truncated, unsafe: left.unsafe + right.unsafe)
    }
}

extension String {
    /// Whether the text holds what a template engine, a terminal or a parser of lines takes for its own: the marks of
    /// Jinja (`{{`, `{%`, `{#` and their ends), control characters, line and paragraph separators, characters that turn
    /// the direction of text, a byte order mark.
    ///
    /// A text that is not unsafe still needs its quotes: this is a warning to whoever reads an event, no licence.
    package var isUnsafe: Bool {
        var text = self
        return text.withUTF8 { utf8 in
            var previous: UInt8 = 0
            var isPlain = true
            for byte in utf8 {
                switch byte {
                case 0..<0x20, 0x7F: return true
                case 0x80...: isPlain = false
                case UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#"):
                    if previous == UInt8(ascii: "{") { return true }
                case UInt8(ascii: "}"):
                    if "}%#".utf8.contains(previous) { return true }
                default: break
                }
                previous = byte
            }
            return !isPlain && unicodeScalars.contains(where: \.isUnsafe)
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isUnsafe: Bool {
        switch value {
        // C1, NEL among them; the separators that YAML and JavaScript take for the end of a line.
        case 0x80...0x9F, 0x2028, 0x2029: true
        // Marks, embeddings, overrides and isolates of direction; the byte order mark.
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
