internal import Connections

extension EventKind {
    /// Whether Salt's engine `libvirt_events` relays the kind.
    ///
    /// It takes the newer form of a kind that has two, and knows none that came after libvirt 3.2.
    var isOfEngine: Bool {
        since <= LibvirtVersion(3, 2) && !EventKind.table.contains { $0.olderForm == self }
    }
}
