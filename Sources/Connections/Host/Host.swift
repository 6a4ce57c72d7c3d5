/// One hypervisor as the inventory describes it: everything a watcher must know of it, and nothing else.
package struct Host: Hashable, Sendable {
    /// The inventory name: a path segment of every tag, so it matches `[A-Za-z0-9][A-Za-z0-9._-]{0,62}`.
    package let name: String
    package var uri: LibvirtURI
    package var keepalive: Keepalive

    /// The kinds to register; what is not wanted at all is not asked for.
    package var kinds: [EventKind]

    package init(name: String, uri: LibvirtURI, keepalive: Keepalive = Keepalive(), kinds: [EventKind] = EventKind.all)
    {
        self.name = name
        self.uri = uri
        self.keepalive = keepalive
        self.kinds = kinds
    }
}
