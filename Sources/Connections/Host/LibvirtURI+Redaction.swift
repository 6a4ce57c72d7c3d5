extension LibvirtURI {
    /// The longest message that is logged or sent, as any text: 4 KiB.
    private static let messageLimit = 4_096

    /// What is looked at of a message that a hostile daemon made long.
    private static let readLimit = 65_536

    /// A message of libvirt's, of ssh's or of the system's without what a URI may hold that is nobody else's business:
    /// the URI as it is written, its user name, and the values of its query.
    package func redacting(_ message: String) -> String {
        var text = message.prefix(bytes: Self.readLimit).replacing(self.text, with: redacted)
        if let user, !user.isEmpty {
            text = text.replacing("\(user)@", with: "…@").replacing("\(Self.percentDecoded(user[...]))@", with: "…@")
        }
        // Short words are libvirt's own (`mode=auto`) and would turn up in the middle of others.
        for value in query.map(\.value) where value.contains("/") || value.utf8.count >= 8 {
            text = text.replacing(value, with: "…")
        }
        return text.prefix(bytes: Self.messageLimit)
    }
}
