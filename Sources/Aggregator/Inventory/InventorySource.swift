/// Where the hosts to watch come from.
enum InventorySource: Hashable, Sendable {
    /// A file, or a folder of files.
    case inventory(path: String)

    /// What Salt's own engine is configured with.
    case engine(path: String)

    /// Nothing: the one host that libvirt opens when it is given no URI.
    case none
}
