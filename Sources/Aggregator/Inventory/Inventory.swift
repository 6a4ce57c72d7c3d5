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
    /// What its watcher needs; what a change of it takes is ``Host/sharesConnection(with:)``'s to say.
    var host: Host
    var labels: Labels
    var tagPrefix: String
    var filter: Filter

    /// The default is ``TagLayout/host``.
    var tagLayout = TagLayout.host

    /// Which domains' events go out; those of other objects do anyway.
    ///
    /// The default is all domains.
    var domains = [DomainPattern.any]

    /// What an operator should know of how the host is reached, for its status: one sentence each.
    var warnings: [String] {
        host.uri.hazards.map { "\($0.message); \($0.hint)" }
    }
}
