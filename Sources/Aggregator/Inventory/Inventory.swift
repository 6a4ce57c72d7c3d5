internal import Connections

/// The hosts to watch, and what holds for the service's own events.
struct Inventory: Equatable, Sendable {
    /// How many hosts one service watches at most.
    static let hostLimit = 10_000

    /// In the order of the files, in each those of `hosts` before those of `groups`; names are unique.
    var hosts: [InventoryHost]

    /// The prefix of the defaults: that of events which are about no host.
    var tagPrefix: String
}

/// One host as the inventory has it, after the defaults.
struct InventoryHost: Hashable, Sendable {
    /// What its watcher needs; a change here takes a new connection, a change beside it does not.
    var host: Host
    var labels: Labels
    var tagPrefix: String
    var filter: Filter
}
