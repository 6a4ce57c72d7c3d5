internal import Connections
internal import SaltBus

/// Hosts that are not there, whose domains come and go for as long as somebody asks.
///
/// What they say is what a fleet says most: `domain/lifecycle`, with the texts a datacentre has, and goes the way of every
/// report from there on.
struct SyntheticFleet {
    /// Outside every prefix that reactors watch.
    static let tagPrefix = "virt-aggregator/bench"

    /// Domains of one host; each is started, suspended, resumed and stopped in turn.
    private static let domainsPerHost = 8

    /// Numbers of libvirt's `virDomainEventType` and their details, in the order of a domain's life.
    private static let life: [(event: Int32, detail: Int32)] = [(2, 0), (3, 0), (4, 0), (5, 0)]

    private struct Member {
        let name: String
        let uri: String
        let uuid: String
        let channel: HostChannel
        let inFlight = InFlight()
        let domains: [HostEvent.Subject]
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
                        .domain(name: "web-\(number)-\(domain)", id: Int32(domain), uuid: Self.uuid(number, domain))
                    }
                )
            )
        }
    }

    /// Lets the next host say its next event.
    ///
    /// - Returns: Whether it was taken: the places of a host in flight may all be held.
    mutating func speak(through relay: Relay, at moment: Timestamp) -> Bool {
        let index = turn % members.count
        guard members[index].inFlight.enter() else { return false }
        turn += 1
        members[index].sequence += 1
        let member = members[index]
        let count = Int(member.sequence) - 1
        let (event, detail) = Self.life[count / Self.domainsPerHost % Self.life.count]
        let report = HostReport(
            host: member.name,
            sequence: member.sequence,
            observed: moment,
            uri: member.uri,
            hostUUID: member.uuid,
            body: .event(
                HostEvent(
                    kind: .domainLifecycle,
                    subject: member.domains[count % Self.domainsPerHost],
                    payload: .lifecycle(event: event, detail: detail),
                    observed: moment
                )
            )
        )
        relay.accept([report], through: member.channel, inFlight: member.inFlight)
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
