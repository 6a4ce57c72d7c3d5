internal import Connections
internal import SaltBus

/// An event of our own: of a host (`<host>/host/up`) or of the service (`aggregator/started`).
struct OwnEvent {
    /// The last segment of the tag, and the value of `event`.
    let name: StaticString

    /// What it says, in the order it is written.
    let fields: [Field]

    struct Field {
        let key: StaticString
        let value: MessagePackValue

        init(_ key: StaticString, _ value: MessagePackValue) {
            self.key = key
            self.value = value
        }
    }

    static func up(_ up: HostUp, uri: String) -> OwnEvent {
        let facts = up.facts
        return OwnEvent(
            name: "up",
            fields: [
                Field("uri", .string(uri)),
                Field("attempt", .int(Int64(up.attempt))),
                Field("took", .double(up.took.seconds)),
                Field("libvirt", facts.daemonVersion.map { .string($0) } ?? .null),
                Field("keepalive", .string(facts.keepsAlive ? "on" : "unsupported")),
                Field("registered", .array(facts.registered.map { .string($0.path) })),
                Field("refused", .texts(facts.refused.map { ($0.kind.path, $0.message) })),
            ]
        )
    }

    static func down(_ down: HostDown, uri: String) -> OwnEvent {
        OwnEvent(
            name: "down",
            fields: [
                Field("uri", .string(uri)),
                Field("reason", .string(down.reason.rawValue)),
                Field("message", .string(down.message)),
                Field("since", .string(down.since.iso8601)),
                Field("next_attempt", down.nextAttempt.map { .string($0.iso8601) } ?? .null),
            ]
        )
    }

    static func paused(_ pause: Pause) -> OwnEvent {
        OwnEvent(
            name: "paused",
            fields: [
                Field("until", pause.until.map { .string($0.iso8601) } ?? .null), Field("by", .string(pause.by)),
            ]
        )
    }

    static func resumed(by who: String) -> OwnEvent {
        OwnEvent(name: "resumed", fields: [Field("by", .string(who))])
    }

    static func certificate(_ notice: CertificateNotice) -> OwnEvent {
        OwnEvent(
            name: "certificate",
            fields: [
                Field("owner", .string(notice.owner.rawValue)), Field("subject", .string(notice.subject)),
                Field("issuer", .string(notice.issuer)), Field("not_after", .string(notice.notAfter.iso8601)),
                Field("days_left", .int(Int64(notice.daysLeft))),
            ]
        )
    }

    static func started(hosts: Int) -> OwnEvent {
        OwnEvent(
            name: "started",
            fields: [
                Field("version", .string(Version.current)), Field("libvirt", .string(LibvirtRuntime.libraryVersion)),
                Field("hosts", .int(Int64(hosts))),
            ]
        )
    }

    /// Names at most ``ReloadDifference/nameLimit`` hosts of each sort; `counts` has how many there are.
    static func reloaded(_ difference: ReloadDifference, trigger: ReloadTrigger) -> OwnEvent {
        let sorts: [(StaticString, [String])] = [
            ("added", difference.added), ("removed", difference.removed), ("replaced", difference.replaced),
            ("changed", difference.changed),
        ]
        let counts = sorts.map { MessagePackValue.Entry(key: .string("\($0)"), value: .int(Int64($1.count))) }
        return OwnEvent(
            name: "reloaded",
            fields: [Field("trigger", .string(trigger.rawValue))]
                + sorts.map { sort, names in
                    Field(sort, .array(names.prefix(ReloadDifference.nameLimit).map { .string($0) }))
                }
                + [Field("unchanged", .int(Int64(difference.unchanged))), Field("counts", .map(counts))]
        )
    }

    /// - Parameter ledger: What became of every event so far.
    static func stopped(hosts: Int, ledger: Ledger) -> OwnEvent {
        OwnEvent(
            name: "stopped",
            fields: [
                Field("version", .string(Version.current)), Field("hosts", .int(Int64(hosts))),
                Field("ledger", ledger.value),
            ]
        )
    }

    func encode(into encoder: inout MessagePackEncoder) {
        encoder.string("event")
        encoder.string(name)
        for field in fields {
            encoder.string(field.key)
            encoder.value(field.value)
        }
    }

    /// How many entries ``encode(into:)`` writes.
    var entries: Int { fields.count + 1 }
}

extension MessagePackValue {
    /// A map from texts to texts, in order.
    static func texts(_ pairs: [(key: String, value: String)]) -> MessagePackValue {
        .map(pairs.map { Entry(key: .string($0.key), value: .string($0.value)) })
    }
}

extension Timestamp {
    /// UTC with microseconds and `Z`, for example `2026-11-22T08:28:19.265359Z`.
    var iso8601: String { Stamp(microseconds: microseconds, form: .naive).text + "Z" }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double { self / .seconds(1) }
}
