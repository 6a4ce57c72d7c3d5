/// The keys of the inventory, in the order the documentation lists them.
enum InventoryKey: String, CaseIterable {
    case uri
    case tagPrefix = "tag_prefix"
    case filters, keepalive, labels

    /// What a host may say; the defaults may say all of it but the URI.
    static let host = allCases.map(\.rawValue)
    static let defaults = host.filter { $0 != uri.rawValue }

    enum Section: String, CaseIterable {
        case defaults, hosts, groups
    }

    enum Keepalive: String, CaseIterable {
        case interval, count
    }
}
