internal import Connections
internal import Logging

/// Which hypervisor each host turned out to be: two names of one, or one name of another than before.
///
/// Neither is refused: what an operator did on purpose works, and what was a mistake is told. A value without a clock.
struct Identities: Sendable {
    /// Who a host says it is.
    struct Sighting: Hashable, Sendable {
        let host: String

        /// Of the connection.
        let uri: String
        let uuid: String

        /// The driver and its path: one machine's `qemu:///system` and `lxc:///system` are two hypervisors with one UUID.
        fileprivate var place: String {
            (try? LibvirtURI(uri)).map { "\($0.driver) \($0.path)" } ?? uri
        }
    }

    /// One hypervisor under several names.
    struct Shared: Hashable, Sendable {
        let uuid: String

        /// In order.
        let hosts: [String]
    }

    /// Another hypervisor under a name than before.
    struct Change: Hashable, Sendable {
        let host: String
        let before: String
        let after: String
        let at: Timestamp
    }

    enum Finding: Hashable, Sendable {
        case shared(Shared)
        case changed(Change)
    }

    private struct Hypervisor: Hashable {
        let place: String
        let uuid: String
    }

    /// Who each host last said it is.
    private(set) var known: [String: String]

    /// The last change of each host, since the service runs.
    private(set) var changes: [String: Change] = [:]

    /// The hypervisors that have several names now.
    private(set) var shared: [Shared] = []

    /// Where in ``shared`` a host is.
    private var places: [String: Int] = [:]

    /// Those that had been found so, which is told once.
    private var told: Set<Hypervisor> = []

    /// - Parameter known: Who each host last said it is, in a former life.
    init(known: [String: String] = [:]) {
        self.known = known
    }

    /// Looks at who the hosts say they are.
    ///
    /// - Parameter sightings: Of every host that has said it.
    /// - Returns: What has to be told: of each hypervisor with several names once, and of each change.
    mutating func look(at sightings: [Sighting], now: Timestamp) -> [Finding] {
        var findings: [Finding] = []
        for sighting in sightings.sorted(by: { $0.host < $1.host }) {
            if let before = known[sighting.host], before != sighting.uuid {
                let change = Change(host: sighting.host, before: before, after: sighting.uuid, at: now)
                changes[sighting.host] = change
                findings.append(.changed(change))
            }
            known[sighting.host] = sighting.uuid
        }
        let equal = Dictionary(grouping: sightings, by: \.uuid).values.filter { $0.count > 1 }.joined()
        let groups = Dictionary(grouping: equal) { Hypervisor(place: $0.place, uuid: $0.uuid) }
            .filter { $0.value.count > 1 }
            .map { (hypervisor: $0.key, names: Shared(uuid: $0.key.uuid, hosts: $0.value.map(\.host).sorted())) }
            .sorted { ($0.names.uuid, $0.names.hosts[0]) < ($1.names.uuid, $1.names.hosts[0]) }
        shared = groups.map(\.names)
        places = [:]
        for (index, names) in shared.enumerated() { for host in names.hosts { places[host] = index } }
        for group in groups where told.insert(group.hypervisor).inserted { findings.append(.shared(group.names)) }
        return findings
    }

    /// A host has left: who it was is nobody's business any more.
    mutating func forget(_ host: String) {
        known[host] = nil
        changes[host] = nil
        places[host] = nil
    }

    /// What should be known of a host: one sentence each.
    func warnings(of host: String) -> [String] {
        let name = places[host].map { place in
            let others = shared[place].hosts.filter { $0 != host }
            return
                "one hypervisor with \(Self.text(of: others)) by its UUID, \(shared[place].uuid): its events come under "
                + "each name; remove one, or give the machines UUIDs of their own with host_uuid in libvirtd.conf"
        }
        let change = changes[host].map { change in
            "another hypervisor than before by its UUID: \(change.after) since \(change.at.iso8601), before that \(change.before)"
        }
        return [name, change].compactMap(\.self)
    }

    /// Some of many names.
    fileprivate static func text(of hosts: [String]) -> String {
        let shown = hosts.prefix(8).joined(separator: ", ")
        return hosts.count > 8 ? "\(shown) and \(hosts.count - 8) more" : shown
    }
}

extension Identities.Finding {
    var message: Logger.Message {
        switch self {
        case .shared: "One hypervisor has several names: its events come under each"
        case .changed: "Another hypervisor answers under this name"
        }
    }

    var metadata: Logger.Metadata {
        switch self {
        case .shared(let shared):
            [LogKeys.uuid: "\(shared.uuid)", LogKeys.hosts: "\(Identities.text(of: shared.hosts))"]
        case .changed(let change):
            [LogKeys.host: "\(change.host)", LogKeys.uuid: "\(change.after)", LogKeys.before: "\(change.before)"]
        }
    }
}

extension LogKeys {
    fileprivate static let uuid = "uuid"
    fileprivate static let hosts = "hosts"
    fileprivate static let before = "before"
}

extension Identities.Sighting {
    /// - Returns: `nil` while the host has not said who it is.
    init?(_ host: InventoryHost, _ status: WatcherStatus) {
        guard let uuid = status.hostUUID else { return nil }
        self.init(host: host.host.name, uri: status.facts?.uri ?? host.host.uri.text, uuid: uuid)
    }
}
