internal import Connections

/// What made the service read its inventory again.
enum ReloadTrigger: String, Codable, Sendable {
    /// SIGHUP.
    case signal

    /// The inventory changed on the disk.
    case file

    /// Somebody asked for it over the admin socket.
    case admin
}

/// What an inventory changed, by the names of the hosts.
struct ReloadDifference: Codable, Equatable, Sendable {
    /// How many hosts of each sort an event or a log line names; the sorts' counts say how many there are.
    static let nameLimit = 100

    var added: [String] = []
    var removed: [String] = []

    /// Hosts that get a new connection.
    var replaced: [String] = []

    /// Hosts that keep their connection while what is said about their events changes.
    var changed: [String] = []

    /// How many hosts nothing changed for.
    var unchanged = 0

    var isEmpty: Bool { added.isEmpty && removed.isEmpty && replaced.isEmpty && changed.isEmpty }
}

extension ReloadDifference {
    init(_ plan: Reconciliation.Plan) {
        added = plan.start.map(\.host.name)
        removed = plan.stop
        replaced = plan.replace.map(\.host.name)
        changed = plan.update.map(\.host.name)
        unchanged = plan.keep.count
    }
}
