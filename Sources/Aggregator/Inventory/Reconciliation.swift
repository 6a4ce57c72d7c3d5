internal import Connections

/// How to get from the hosts that are watched to those that are wanted.
enum Reconciliation {
    /// What to do; each part in the order of the inventory it comes from.
    struct Plan: Equatable, Sendable {
        /// Hosts no longer wanted.
        var stop: [String] = []
        var start: [InventoryHost] = []

        /// Hosts that need a new connection.
        var replace: [InventoryHost] = []

        /// Hosts that keep their connection while what is said about their events changes.
        var update: [InventoryHost] = []

        /// Hosts nothing changes for.
        var keep: [String] = []

        /// Whether there is nothing to do.
        var isEmpty: Bool { stop.isEmpty && start.isEmpty && replace.isEmpty && update.isEmpty }
    }

    /// Compares by name: a host that is renamed is stopped and started.
    static func plan(running: [InventoryHost], wanted: [InventoryHost]) -> Plan {
        let old = Dictionary(running.map { ($0.host.name, $0) }) { $1 }
        let names = Set(wanted.map(\.host.name))
        var plan = Plan(stop: running.map(\.host.name).filter { !names.contains($0) })
        for host in wanted {
            switch old[host.host.name] {
            case nil: plan.start.append(host)
            case host: plan.keep.append(host.host.name)
            case let before? where before.host.sharesConnection(with: host.host): plan.update.append(host)
            default: plan.replace.append(host)
            }
        }
        return plan
    }
}
