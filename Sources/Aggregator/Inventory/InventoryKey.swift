/// The keys of the inventory, in the order the documentation lists them.
enum InventoryKey: String, CaseIterable {
    case uri, user, port, ssh, tls, auth
    case allowExt = "allow_ext"
    case tagPrefix = "tag_prefix"
    case tagLayout = "tag_layout"
    case filters, domains, keepalive
    case downGrace = "down_grace"
    case labels

    /// What a host may say, and the defaults; a group says all of it and its hosts.
    static let host = allCases.map(\.rawValue)
    static let defaults = host
    static let group = [hosts] + host

    /// The key of a group that lists its hosts.
    static let hosts = "hosts"

    enum Section: String, CaseIterable {
        case defaults, hosts, groups
    }

    enum SSH: String, CaseIterable {
        case key
        case knownHosts = "known_hosts"
        case jump
    }

    enum TLS: String, CaseIterable {
        case pki
    }

    enum Keepalive: String, CaseIterable {
        case interval, count
    }
}
