extension LibvirtURI {
    /// The longest message that is logged or sent: 4 KiB, as any field.
    private static let messageLimit = 4_096

    /// A message of libvirt's, of ssh's or of the system's without what a URI may hold that is nobody else's business:
    /// the URI as it is written, its user name, and the values of its query.
    package func redacting(_ message: String) -> String {
        var text = message.replacing(self.text, with: redacted)
        if let user, !user.isEmpty { text = text.replacing("\(user)@", with: "…@") }
        for value in query.map(\.value) where value.count > 3 { text = text.replacing(value, with: "…") }
        guard text.utf8.count > Self.messageLimit else { return text }
        return String(decoding: text.utf8.prefix(Self.messageLimit), as: UTF8.self) + "…"
    }
}
