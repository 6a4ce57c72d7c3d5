extension LibvirtURI {
    /// The longest message that is logged or sent, as any text: 4 KiB.
    private static let messageLimit = 4_096

    /// What is looked at of a message that a hostile daemon made long.
    private static let readLimit = 65_536

    /// A message of libvirt's, of ssh's or of the system's without what a URI may hold that is nobody else's business:
    /// the URI as it is written, its user name, and the values of its query.
    package func redacting(_ message: String) -> String {
        var text = Self.cut(message, at: Self.readLimit).replacing(self.text, with: redacted)
        if let user, !user.isEmpty {
            text = text.replacing("\(user)@", with: "…@").replacing("\(Self.percentDecoded(user[...]))@", with: "…@")
        }
        // Short words are libvirt's own (`mode=auto`) and would turn up in the middle of others.
        for value in query.map(\.value) where value.contains("/") || value.utf8.count >= 8 {
            text = text.replacing(value, with: "…")
        }
        return Self.cut(text, at: Self.messageLimit)
    }

    /// At most `limit` bytes, ending with a whole character.
    private static func cut(_ text: String, at limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: limit)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
