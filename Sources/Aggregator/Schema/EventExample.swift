internal import Connections
internal import SaltBus
internal import Spool

/// Examples of events, made by what makes the real ones.
enum EventExample {
    private static let instance = "9f2c06d5c01aa7be"
    private static let uri = "qemu+tls://kvm01.example.net/system"

    /// The data of a host's report.
    ///
    /// - Parameter synthetic: For an event that is derived. The default is `nil`.
    static func data(
        of body: HostReport.Body,
        synthetic: Synthesis? = nil
    ) throws(Tag.Malformed) -> MessagePackValue {
        guard let uri = try? LibvirtURI(uri) else { return .null }
        let host = InventoryHost(
            host: Host(name: "kvm01", uri: uri),
            labels: Labels(["rack": "r1"]),
            tagPrefix: TagPrefix.standard,
            filter: .all
        )
        let report = HostReport(
            host: "kvm01",
            sequence: 5,
            observed: .example,
            uri: self.uri,
            body: body,
            synthetic: synthetic
        )
        guard let record = try HostChannel(host, instance: instance).record(of: report) else { return .null }
        return data(in: record.bytes)
    }

    /// The data of an own event.
    static func data(of own: OwnEvent.Description) throws(Tag.Malformed) -> MessagePackValue {
        let facts = ConnectionFacts(
            uri: uri,
            daemonVersion: "9.0.0",
            registered: [.domainLifecycle, .domainReboot],
            refused: [
                RefusedKind(
                    kind: .domainNICMACChange,
                    message: "needs libvirt 11.2.0, and the library here is 9.0.0"
                )
            ]
        )
        let later = Timestamp(microseconds: Timestamp.example.microseconds + 3_600_000_000)
        switch own.name {
        case .up: return try data(of: HostReport.Body.up(HostUp(attempt: 1, took: .milliseconds(214), facts: facts)))
        case .down:
            let down = HostDown(
                reason: .keepalive,
                message: "connection closed due to keepalive timeout",
                since: .example,
                nextAttempt: later
            )
            return try data(of: HostReport.Body.down(down))
        case .gap:
            let gap = HostGap(
                from: .example + .seconds(-62),
                to: .example,
                classes: [.domain, .network, .pool],
                cause: .daemon,
                synthesised: 2
            )
            return try data(of: HostReport.Body.gap(gap))
        case .degraded:
            return try data(of: HostReport.Body.degraded(HostDegradation(.probe, age: .milliseconds(35_120))))
        case .recovered:
            return try data(of: HostReport.Body.recovered(HostDegradation(.audit(.domain), age: .milliseconds(4_250))))
        case .flapping: return try data(of: HostReport.Body.flapping(HostFlapping(count: 7, since: .example)))
        case .certificate:
            let notice = CertificateNotice(
                owner: .host,
                subject: "CN=kvm01.example.net",
                issuer: "CN=Example CA",
                notAfter: later,
                daysLeft: 7
            )
            return try data(of: HostReport.Body.certificate(notice))
        case .paused: return try data(of: HostReport.Body.paused(Pause(by: "alice", until: later)))
        case .resumed: return try data(of: HostReport.Body.resumed(by: "alice"))
        case .started: return try data(of: OwnEvent.started(hosts: 40))
        case .reloaded:
            let difference = ReloadDifference(added: ["kvm41"], removed: ["kvm07"], unchanged: 39)
            return try data(of: OwnEvent.reloaded(difference, trigger: .file))
        case .dropped:
            var ledger = Ledger()
            ledger.callbacks.dropped = 12
            let counts = (ledger.drops + [(Drops.dead, 0)]).map { Drops.Reason(reason: $0.reason, count: $0.count) }
            let drops = Drops(since: .example, counts: counts, hosts: [Drops.Host(host: "kvm01", count: 12)])
            return try data(of: OwnEvent.dropped(drops))
        case .stopped:
            return try data(of: OwnEvent.stopped(hosts: 40, ledger: Ledger(received: 12, relayed: 12)))
        }
    }

    /// What marks an example of an event that is derived.
    static let synthesis = Synthesis(from: .example + .seconds(-62), to: .example)

    private static func data(of own: OwnEvent) throws(Tag.Malformed) -> MessagePackValue {
        let tag = try Tag("\(TagPrefix.standard)/aggregator/\(own.name.rawValue)")
        return data(in: own.unstamped(tag: tag, instance: instance, number: 1, at: .example).bytes)
    }

    private static func data(in unstamped: [UInt8]) -> MessagePackValue {
        let event = UnstampedEvent(bytes: unstamped)
            .stamped(with: Stamp(microseconds: Timestamp.example.microseconds + 431, form: .naive))
        guard let end = event.firstRange(of: Array("\n\n".utf8))?.upperBound,
            let data = try? MessagePackDecoder.decode(Array(event[end...]))
        else { return .null }
        return data
    }
}
