/// The keys of the inventory, in the order the documentation lists them.
enum InventoryKey: String, CaseIterable {
    case uri
    case tagPrefix = "tag_prefix"
    case filters, keepalive, labels

    /// What a host may say; the defaults may say all of it but the URI, a group all of it and its hosts.
    static let host = allCases.map(\.rawValue)
    static let defaults = host.filter { $0 != uri.rawValue }
    static let group = [hosts] + host

    /// The key of a group that lists its hosts.
    static let hosts = "hosts"

    /// Keys that a later version will have; until then nobody is told that there is no such thing.
    static let later = ["tag_layout", "domains", "user", "port", "ssh", "tls", "auth", "allow_ext", "down_grace"]

    enum Section: String, CaseIterable {
        case defaults, hosts, groups
    }

    enum Keepalive: String, CaseIterable {
        case interval, count
    }
}
