/// Text as a part of a URI's path or query.
enum PercentText {
    /// The text with percent signs for all but letters, digits and `._-`.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            if byte.isLetterOrDigit || "._-".utf8.contains(byte) { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }
        .joined()
    }
}
