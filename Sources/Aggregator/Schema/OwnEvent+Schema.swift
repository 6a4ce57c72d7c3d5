internal import Connections

/// What our own events carry; ``OwnEvent`` writes it.
extension OwnEvent {
    /// An own event as schemas and docs describe it.
    struct Description: Sendable {
        let object: Object
        let name: Name

        /// When it comes.
        let about: String
        let fields: [SchemaField]
    }

    /// One for each ``Name``.
    static let descriptions: [Description] = ofHosts + ofService

    private static let uri = SchemaField("uri", .text)

    /// How many events were given up, by reason.
    private static let drops = Ledger().drops.map { SchemaField($0.reason, .integer) }

    private static let doubt = [
        SchemaField("doubt", .choice(["probe", "audit"]), "what raised it"),
        SchemaField(
            "class",
            .orNull(.choice(EventKind.Object.allCases.map(\.rawValue))),
            "whose events were missed; null for the host as a whole"
        ),
    ]

    private static let ofHosts = [
        Description(
            object: .host,
            name: .up,
            about: "every kind that is wanted has been asked for, and is heard unless the host refuses it",
            fields: [
                uri, SchemaField("attempt", .integer), SchemaField("took", .number, "seconds"),
                SchemaField("libvirt", .orNull(.text), "the daemon's version"),
                SchemaField("keepalive", .choice(["on", "unsupported"])),
                SchemaField("registered", .list(.text), "kinds, as in filters"),
                SchemaField("refused", .map(.text), "kinds the host does not give, each with the reason"),
                SchemaField(
                    "older_forms",
                    .map(.text),
                    "kinds the host has in their older form alone, with its reason"
                ),
            ]
        ),
        Description(
            object: .host,
            name: .down,
            about: "lost, or never made; once per outage, and once more when the reason changes",
            fields: [
                uri, SchemaField("reason", .choice(DownReason.allCases.map(\.rawValue))),
                SchemaField("message", .text), SchemaField("since", .time), SchemaField("next_attempt", .orNull(.time)),
            ]
        ),
        Description(
            object: .host,
            name: .gap,
            about: "hearing has resumed, and everything that differed has been told; events between these times may be "
                + "missing all the same, if they left no trace",
            fields: [
                SchemaField("from", .time, "the last proof that everything was heard"),
                SchemaField("to", .time, "when everything was heard again"),
                SchemaField("classes", .list(.choice(EventKind.Object.allCases.map(\.rawValue))), "of what"),
                SchemaField(
                    "cause",
                    .choice(GapCause.allCases.map(\.rawValue)),
                    "daemon: it was away; host: it has booted; network; self: the service did not run, or a reload gave the "
                        + "host another connection, or wants domains that were kept back; dropped: there was no room, or the bus "
                        + "would not have it; audit: the daemon kept silent; changed: another hypervisor answers under the name; unknown: the evidence does not tell"
                ),
                SchemaField("synthesised", .integer, "how many events with relay.synthetic were told for it"),
            ]
        ),
        Description(
            object: .host,
            name: .degraded,
            about: "connected, and maybe not heard: a call does not return, or an audit found events that were missed",
            fields: doubt + [
                SchemaField(
                    "age",
                    .number,
                    "seconds without an answer, or without a proof that the class is heard"
                )
            ]
        ),
        Description(
            object: .host,
            name: .recovered,
            about: "a doubt is over",
            fields: doubt + [SchemaField("age", .number, "how many seconds it lasted")]
        ),
        Description(
            object: .host,
            name: .flapping,
            about: "lost more often than flap_limit; its further ups and downs are held back until it is calm",
            fields: [
                SchemaField("count", .integer, "how often it was lost"),
                SchemaField("since", .time, "since when"),
            ]
        ),
        Description(
            object: .host,
            name: .certificate,
            about: "a certificate ends in 30, 7 or 1 days, or has ended",
            fields: [
                SchemaField("owner", .choice(["host", "own"]), "whose it is; own for the one we show the host"),
                SchemaField("subject", .text), SchemaField("issuer", .text), SchemaField("not_after", .time),
                SchemaField("days_left", .integer),
            ]
        ),
        Description(
            object: .host,
            name: .paused,
            about: "somebody announces maintenance",
            fields: [SchemaField("until", .orNull(.time), "null until somebody ends it"), SchemaField("by", .text)]
        ),
        Description(
            object: .host,
            name: .resumed,
            about: "maintenance is over",
            fields: [SchemaField("by", .text)]
        ),
    ]

    private static let ofService = [
        Description(
            object: .aggregator,
            name: .started,
            about: "the service starts",
            fields: [
                SchemaField("version", .text), SchemaField("libvirt", .text, "the library's version"),
                SchemaField("hosts", .integer),
            ]
        ),
        Description(
            object: .aggregator,
            name: .reloaded,
            about: "the inventory was read again",
            fields: [SchemaField("trigger", .choice(["signal", "file", "admin"]))]
                + ["added", "removed", "replaced", "changed"].map {
                    SchemaField($0, .list(.text), "hosts, \(ReloadDifference.nameLimit) at most")
                } + [
                    SchemaField("unchanged", .integer),
                    SchemaField(
                        "counts",
                        .object(["added", "removed", "replaced", "changed"].map { SchemaField($0, .integer) }),
                        "how many of each there are"
                    ),
                ]
        ),
        Description(
            object: .aggregator,
            name: .dropped,
            about: "events were given up; one for all that were within some seconds",
            fields: [
                SchemaField("since", .time),
                SchemaField(
                    "counts",
                    .object(drops + [SchemaField(Drops.dead, .integer)]),
                    "how many, by reason; dead: those of hosts that can never be sent"
                ),
                SchemaField("hosts", .map(.integer), "those that lost most, ten at most, as far as known"),
            ]
        ),
        Description(
            object: .aggregator,
            name: .stopped,
            about: "the service ends",
            fields: [
                SchemaField("version", .text), SchemaField("hosts", .integer),
                SchemaField(
                    "ledger",
                    .object(
                        Ledger().rows.map { SchemaField($0.name, .integer) } + [SchemaField("dropped", .object(drops))]
                    ),
                    "what became of every event"
                ),
            ]
        ),
    ]
}
