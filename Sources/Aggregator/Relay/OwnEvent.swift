internal import Connections
internal import SaltBus

/// An event of our own: of a host (`<host>/host/up`) or of the service (`aggregator/started`).
struct OwnEvent {
    /// The last segment of the tag, and the value of `event`.
    let name: Name

    /// Every own event there is so far.
    enum Name: String, CaseIterable, Sendable {
        case up, down, gap, degraded, recovered, flapping, certificate, paused, resumed
        case started, reloaded, dropped, stopped
    }

    /// What an own event is about; the tag's last segment but one.
    enum Object: String, Sendable {
        case host, aggregator
    }

    /// What it says, in the order it is written.
    let fields: [DataField]

    static func up(_ up: HostUp, uri: String) -> OwnEvent {
        let facts = up.facts
        return OwnEvent(
            name: .up,
            fields: [
                DataField("uri", .string(uri)),
                DataField("attempt", .int(Int64(up.attempt))),
                DataField("took", .double(up.took.seconds)),
                DataField("libvirt", facts.daemonVersion.map { .string($0) } ?? .null),
                DataField("keepalive", .string(facts.keepsAlive ? "on" : "unsupported")),
                DataField("registered", .array(facts.registered.map { .string($0.path) })),
                DataField("refused", .texts(facts.refused.map { ($0.kind.path, $0.message) })),
                DataField("older_forms", .texts(facts.olderForms.map { ($0.kind.path, $0.message) })),
            ]
        )
    }

    static func down(_ down: HostDown, uri: String) -> OwnEvent {
        OwnEvent(
            name: .down,
            fields: [
                DataField("uri", .string(uri)),
                DataField("reason", .string(down.reason.rawValue)),
                DataField("message", .string(down.message)),
                DataField("since", .string(down.since.iso8601)),
                DataField("next_attempt", down.nextAttempt.map { .string($0.iso8601) } ?? .null),
            ]
        )
    }

    static func gap(_ gap: HostGap) -> OwnEvent {
        OwnEvent(
            name: .gap,
            fields: [
                DataField("from", .string(gap.from.iso8601)), DataField("to", .string(gap.to.iso8601)),
                DataField("classes", .array(gap.classes.map { .string($0.rawValue) })),
                DataField("cause", .string(gap.cause.rawValue)),
                DataField("synthesised", .int(Int64(gap.synthesised))),
            ]
        )
    }

    static func degraded(_ degradation: HostDegradation) -> OwnEvent {
        OwnEvent(name: .degraded, fields: fields(of: degradation))
    }

    static func recovered(_ degradation: HostDegradation) -> OwnEvent {
        OwnEvent(name: .recovered, fields: fields(of: degradation))
    }

    private static func fields(of degradation: HostDegradation) -> [DataField] {
        [
            DataField("doubt", .string(degradation.doubt.word)),
            DataField("class", degradation.doubt.object.map { .string($0.rawValue) } ?? .null),
            DataField("age", .double(degradation.age.seconds)),
        ]
    }

    static func flapping(_ flapping: HostFlapping) -> OwnEvent {
        OwnEvent(
            name: .flapping,
            fields: [
                DataField("count", .int(Int64(flapping.count))), DataField("since", .string(flapping.since.iso8601)),
            ]
        )
    }

    static func paused(_ pause: Pause) -> OwnEvent {
        OwnEvent(
            name: .paused,
            fields: [
                DataField("until", pause.until.map { .string($0.iso8601) } ?? .null),
                DataField("by", .string(pause.by)),
            ]
        )
    }

    static func resumed(by who: String) -> OwnEvent {
        OwnEvent(name: .resumed, fields: [DataField("by", .string(who))])
    }

    static func certificate(_ notice: CertificateNotice) -> OwnEvent {
        OwnEvent(
            name: .certificate,
            fields: [
                DataField("owner", .string(notice.owner.rawValue)), DataField("subject", .string(notice.subject)),
                DataField("issuer", .string(notice.issuer)), DataField("not_after", .string(notice.notAfter.iso8601)),
                DataField("days_left", .int(Int64(notice.daysLeft))),
            ]
        )
    }

    static func started(hosts: Int) -> OwnEvent {
        OwnEvent(
            name: .started,
            fields: [
                DataField("version", .string(Version.current)),
                DataField("libvirt", .string(LibvirtRuntime.libraryVersion)),
                DataField("hosts", .int(Int64(hosts))),
            ]
        )
    }

    /// Names at most ``ReloadDifference/nameLimit`` hosts of each sort; `counts` has how many there are.
    static func reloaded(_ difference: ReloadDifference, trigger: ReloadTrigger) -> OwnEvent {
        let sorts: [(String, [String])] = [
            ("added", difference.added), ("removed", difference.removed), ("replaced", difference.replaced),
            ("changed", difference.changed),
        ]
        let counts = sorts.map { MessagePackValue.Entry(key: .string($0), value: .int(Int64($1.count))) }
        return OwnEvent(
            name: .reloaded,
            fields: [DataField("trigger", .string(trigger.rawValue))]
                + sorts.map { sort, names in
                    DataField(sort, .array(names.prefix(ReloadDifference.nameLimit).map { .string($0) }))
                }
                + [DataField("unchanged", .int(Int64(difference.unchanged))), DataField("counts", .map(counts))]
        )
    }

    static func dropped(_ drops: Drops) -> OwnEvent {
        OwnEvent(
            name: .dropped,
            fields: [
                DataField("since", .string(drops.since.iso8601)),
                DataField("counts", .fields(drops.counts.map { DataField($0.reason, .int(Int64($0.count))) })),
                DataField("hosts", .fields(drops.hosts.map { DataField($0.host, .int(Int64($0.count))) })),
            ]
        )
    }

    /// - Parameter ledger: What became of every event so far.
    static func stopped(hosts: Int, ledger: Ledger) -> OwnEvent {
        OwnEvent(
            name: .stopped,
            fields: [
                DataField("version", .string(Version.current)), DataField("hosts", .int(Int64(hosts))),
                DataField("ledger", ledger.value),
            ]
        )
    }

    /// An event of the service, which belongs to no host.
    ///
    /// - Parameters:
    ///   - number: How many of these came before it, and itself.
    ///   - moment: When it happened.
    func unstamped(tag: Tag, instance: String, number: UInt64, at moment: Timestamp) -> UnstampedEvent {
        let all = [DataField("event", .string(name.rawValue))] + fields
        return UnstampedEvent(tag: tag, entries: all.count + 1) { encoder in
            for field in all {
                encoder.string(field.key)
                encoder.value(field.value)
            }
            RelayEnvelope(instance: instance, host: nil, sequence: number, observed: moment).encode(into: &encoder)
        }
    }
}

extension HostDegradation.Doubt {
    /// How it is told.
    var word: String {
        switch self {
        case .probe: "probe"
        case .audit: "audit"
        }
    }

    /// The class it is about; `nil` = the host as a whole.
    var object: EventKind.Object? {
        switch self {
        case .probe: nil
        case .audit(let object): object
        }
    }
}

extension Timestamp {
    /// UTC with microseconds and `Z`, for example `2026-11-22T08:28:19.265359Z`.
    var iso8601: String { ClockText.text(microseconds: microseconds, tail: "Z") }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double { self / .seconds(1) }
}
