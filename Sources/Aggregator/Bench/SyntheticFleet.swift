internal import CLinux
internal import Connections
internal import SaltBus
internal import Spool

/// Hosts that are not there, whose domains come and go for as long as somebody asks.
///
/// What they say is what a fleet says most: `domain/lifecycle`, with the texts a datacentre has, and goes the way of every
/// report from there on, with the state it leads to beside it.
struct SyntheticFleet {
    /// Outside every prefix that reactors watch.
    static let tagPrefix = "virt-aggregator/bench"

    /// Domains of one host; each is started, suspended, resumed and stopped in turn.
    private static let domainsPerHost = 8

    /// Numbers of libvirt's `virDomainEventType` in the order of a domain's life, and what each leads to.
    fileprivate static let life: [(event: Int32, state: String)] = [
        (2, ObjectState.Word.running), (3, ObjectState.Word.paused), (4, ObjectState.Word.running),
        (5, ObjectState.Word.shutoff),
    ]

    fileprivate struct Domain {
        let name: String
        let id: Int32
        let uuid: ObjectUUID
    }

    fileprivate struct Member {
        let name: String
        let uri: String
        let uuid: String
        let channel: HostChannel
        let inFlight = InFlight()
        let domains: [Domain]
        var sequence: UInt64 = 0
    }

    private var members: [Member] = []
    private var turn = 0

    /// - Parameters:
    ///   - hosts: How many there are.
    ///   - instance: The first part of every `relay.id`.
    /// - Throws: What the names of an inventory's hosts would, which these are too plain for.
    init(hosts: Int, instance: String) throws {
        for number in 1...hosts {
            let text = "\(number)"
            let name = "kvm" + String(repeating: "0", count: max(0, 4 - text.count)) + text
            let uri = "qemu+tls://\(name).example.net/system"
            let host = InventoryHost(
                host: Host(name: name, uri: try LibvirtURI(uri)),
                labels: Labels(["rack": "r\(number % 40 + 1)"]),
                tagPrefix: Self.tagPrefix,
                filter: .all
            )
            members.append(
                Member(
                    name: name,
                    uri: uri,
                    uuid: Self.uuid(number, 0).description,
                    channel: try HostChannel(host, instance: instance),
                    domains: (1...Self.domainsPerHost).map { domain in
                        Domain(name: "web-\(number)-\(domain)", id: Int32(domain), uuid: Self.uuid(number, domain))
                    }
                )
            )
        }
    }

    /// What it costs here to make up an event and to map it to a record, in microseconds of one thread.
    ///
    /// Of a copy, so that no number is used.
    func mappingCost(of events: Int) -> Double {
        var copy = self
        let before = clinux_thread_cpu_nanoseconds()
        var bytes = 0
        for turn in 0..<events {
            let index = turn % copy.members.count
            let report = copy.members[index].next(at: .now)
            bytes += copy.members[index].channel.record(of: report)?.bytes.count ?? 0
        }
        let used = Double(clinux_thread_cpu_nanoseconds() - before) / 1_000
        return bytes > 0 ? used / Double(max(1, events)) : 0
    }

    /// Lets the next host say its next event.
    ///
    /// - Returns: Whether it was taken: the places of a host in flight may all be held.
    mutating func speak(through relay: Relay, at moment: Timestamp) -> Bool {
        let index = turn % members.count
        guard members[index].inFlight.enter() else { return false }
        turn += 1
        let report = members[index].next(at: moment)
        relay.accept([report], through: members[index].channel, inFlight: members[index].inFlight)
        return true
    }

    /// The same for the same numbers, and unlike those of others.
    private static func uuid(_ host: Int, _ object: Int) -> ObjectUUID {
        var generator = UInt64(host) << 32 | UInt64(object)
        var bytes: [UInt8] = []
        for _ in 0..<2 {
            generator = (generator &+ 1) &* 0x9E37_79B9_7F4A_7C15
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: (generator ^ generator >> 29) >> (8 * shift))) }
        }
        return ObjectUUID(bytes: bytes)
    }
}

extension SyntheticFleet.Member {
    fileprivate mutating func next(at moment: Timestamp) -> HostReport {
        let count = Int(sequence)
        sequence += 1
        let (number, state) = SyntheticFleet.life[count / domains.count % SyntheticFleet.life.count]
        let domain = domains[count % domains.count]
        return HostReport(
            host: name,
            sequence: sequence,
            observed: moment,
            uri: uri,
            hostUUID: uuid,
            body: .event(
                HostEvent(
                    kind: .domainLifecycle,
                    subject: .domain(name: domain.name, id: domain.id, uuid: domain.uuid),
                    payload: .lifecycle(event: number, detail: 0),
                    observed: moment
                )
            ),
            changes: [
                StateChange(
                    object: .domain,
                    key: domain.uuid.description,
                    state: ObjectState(
                        name: domain.name,
                        persistent: true,
                        active: state != ObjectState.Word.shutoff,
                        state: state
                    ),
                    at: moment
                )
            ]
        )
    }
}
