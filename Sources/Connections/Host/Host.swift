/// One hypervisor as the inventory describes it: everything a watcher must know of it, and nothing else.
package struct Host: Hashable, Sendable {
    /// The inventory name: a path segment of every tag, so it matches `[A-Za-z0-9][A-Za-z0-9._-]{0,62}`.
    package let name: String

    /// Where it is, user and port included.
    package var uri: LibvirtURI
    package var credentials: Credentials
    package var keepalive: Keepalive

    /// The kinds to register; what is not wanted at all is not asked for.
    package var kinds: [EventKind]

    /// How long an outage may last without a word; one that ends before gives neither down nor up.
    ///
    /// The default is zero.
    package var downGrace: Duration

    package init(
        name: String,
        uri: LibvirtURI,
        credentials: Credentials = Credentials(),
        keepalive: Keepalive = Keepalive(),
        kinds: [EventKind] = EventKind.all,
        downGrace: Duration = .zero
    ) {
        self.name = name
        self.uri = uri
        self.credentials = credentials
        self.keepalive = keepalive
        self.kinds = kinds
        self.downGrace = downGrace
    }

    /// A message without what is nobody else's business: see ``LibvirtURI/redacting(_:)``, and the jump host's user.
    func redacting(_ message: String) -> String {
        let text = uri.redacting(message)
        guard let jump = credentials.sshJump, let at = jump.lastIndex(of: "@") else { return text }
        return text.replacing("\(jump[..<at])@", with: "…@")
    }

    /// Whether a connection made for this host serves the other as well; the kinds can change while it lives.
    package func sharesConnection(with other: Host) -> Bool {
        (name, uri, credentials, keepalive) == (other.name, other.uri, other.credentials, other.keepalive)
    }
}
