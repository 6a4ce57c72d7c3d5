internal import Connections
internal import Spool

/// What is to be known of a host in the service's next life.
struct HostMemory: Hashable, Sendable {
    var heard = LastHeard()

    /// Who the hypervisor said it is.
    var uuid: String?
}

/// What of the fleet's hearing is written, so that no more is written than has changed.
///
/// A value without a clock.
struct HearingBook: Sendable {
    /// As it is on the disk, hosts that have left meanwhile among it.
    private var stored: [String: HostMemory]

    init(_ stored: [String: HostMemory] = [:]) {
        self.stored = stored
    }

    /// What has become different.
    ///
    /// - Parameter fleet: All hosts that are wanted.
    func note(of fleet: [String: HostMemory]) -> HearingNote {
        var note = HearingNote(gone: stored.keys.filter { fleet[$0] == nil }.sorted())
        for (host, memory) in fleet where memory != stored[host] {
            var former = stored[host]
            // Rows of what is not of interest any more go with the others.
            if let old = former, old.isMore(than: memory) {
                note.gone.append(host)
                former = nil
            }
            note.add(memory, of: host, after: former)
        }
        return note
    }

    /// When each host's connection was last heard, as it was last written.
    var connections: [String: Timestamp] { stored.compactMapValues(\.heard.connection) }

    /// A fleet in which these hosts are as they were last written.
    func leavingOut(_ hosts: Set<String>, of fleet: [String: HostMemory]) -> [String: HostMemory] {
        var fleet = fleet
        for host in hosts where fleet[host] != nil { fleet[host] = stored[host] }
        return fleet
    }

    /// It is on the disk.
    mutating func wrote(_ fleet: [String: HostMemory]) {
        stored = fleet
    }
}

extension HostMemory {
    fileprivate func isMore(than other: HostMemory) -> Bool {
        heard.connection != nil && other.heard.connection == nil || uuid != nil && other.uuid == nil
            || heard.classes.keys.contains { other.heard.classes[$0] == nil }
            || !heard.away.isSubset(of: other.heard.away)
    }

    /// Begins the name of a row that says of a class that it is away; former versions leave it out.
    fileprivate static let away = "away:"
}

extension HearingNote {
    fileprivate mutating func add(_ memory: HostMemory, of host: String, after former: HostMemory?) {
        if let moment = memory.heard.connection, moment != former?.heard.connection {
            hearings.append(HostHearing(host: host, time: moment.microseconds))
        }
        for object in EventKind.Object.allCases {
            guard let moment = memory.heard.classes[object], moment != former?.heard.classes[object] else { continue }
            hearings.append(HostHearing(host: host, object: object.rawValue, time: moment.microseconds))
        }
        for object in EventKind.Object.allCases where memory.heard.away.contains(object) {
            guard former?.heard.away.contains(object) != true, let since = memory.heard.classes[object] else {
                continue
            }
            let name = HostMemory.away + object.rawValue
            hearings.append(HostHearing(host: host, object: name, time: since.microseconds))
        }
        if let uuid = memory.uuid, uuid != former?.uuid { identities.append(HostIdentity(host: host, uuid: uuid)) }
    }
}

extension HostMemory {
    /// The loss of a connection is noticed some time after the last that was heard on it; longer than any keepalive takes
    /// by default.
    private static let notice = Duration.seconds(-60)

    /// What a former life left of every host.
    ///
    /// - Parameters:
    ///   - hearings: As they were noted.
    ///   - identities: As they were noted.
    ///   - states: The latest of every object. Of a host of which nothing is noted, as former versions left it or a life
    ///     of some seconds, the last word on its connection stands in for a proof, and what was heard of its objects is one.
    ///   - now: No proof is later, whatever the clock was then.
    static func byHost(
        _ hearings: [HostHearing],
        _ identities: [HostIdentity],
        states: [SpoolChange],
        now: Timestamp
    ) -> [String: HostMemory] {
        var all: [String: HostMemory] = [:]
        for row in hearings {
            let moment = min(Timestamp(microseconds: row.time), now)
            if row.object.isEmpty {
                all[row.host, default: HostMemory()].heard.connection = moment
            } else if let object = EventKind.Object(rawValue: row.object) {
                all[row.host, default: HostMemory()].heard.classes[object] = moment
            } else if row.object.hasPrefix(away) {
                guard let object = EventKind.Object(rawValue: String(row.object.dropFirst(away.count))) else {
                    continue
                }
                all[row.host, default: HostMemory()].heard.away.insert(object)
            }
        }
        for row in identities { all[row.host, default: HostMemory()].uuid = row.uuid }
        var newest: [String: Timestamp] = [:]
        for row in states where !row.key.isEmpty && row.exists {
            let moment = Timestamp(microseconds: row.time)
            newest[row.host] = max(newest[row.host] ?? moment, moment)
        }
        for row in states where row.object == StateObject.host.rawValue && row.key.isEmpty {
            guard all[row.host]?.heard.connection == nil else { continue }
            let word = Timestamp(microseconds: row.time)
            let proof = row.exists ? word : word + notice
            all[row.host, default: HostMemory()].heard.connection = min(max(proof, newest[row.host] ?? proof), now)
        }
        return all
    }
}
