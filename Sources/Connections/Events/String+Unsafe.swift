extension String {
    /// Whether the text holds what a template engine, a terminal or a parser of lines takes for its own: the marks of
    /// Jinja (`{{`, `{%`, `{#` and their ends) and ``Swift/Unicode/Scalar/isControl``.
    ///
    /// A text that is not unsafe still needs its quotes: this is a warning to whoever reads an event, no licence.
    package var isUnsafe: Bool {
        var text = self
        return text.withUTF8 { utf8 in
            var previous: UInt8 = 0
            var isASCII = true
            for byte in utf8 {
                switch byte {
                case 0..<0x20, 0x7F: return true
                case 0x80...: isASCII = false
                case UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#"):
                    if previous == UInt8(ascii: "{") { return true }
                case UInt8(ascii: "}"):
                    if previous == UInt8(ascii: "}") || previous == UInt8(ascii: "%") || previous == UInt8(ascii: "#") {
                        return true
                    }
                default: break
                }
                previous = byte
            }
            return !isASCII && unicodeScalars.contains(where: \.isControl)
        }
    }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, what changes the direction of text or is not seen at all, the two separators that some programs take
    /// for the end of a line, and what is no character, on which parsers give up.
    package var isControl: Bool {
        let category = properties.generalCategory
        return category == .control || category == .format || value == 0x2028 || value == 0x2029
            || properties.isNoncharacterCodePoint
    }
}
