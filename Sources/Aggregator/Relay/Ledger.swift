internal import SaltBus

/// What became of everything that was to reach the bus: `accepted = relayed + undeliverable + waiting`.
struct Ledger: Hashable, Sendable {
    /// Records the relay accepted, of any origin, and those that waited from a former run.
    var accepted = 0

    /// Records seen on the bus.
    var relayed = 0

    /// Records that can never be sent.
    var undeliverable = 0

    /// Events that found no place before the journal; they were never accepted.
    var dropped = 0

    /// Records on their way.
    var waiting: Int { accepted - relayed - undeliverable }

    /// The counts by the names they have in events.
    var rows: [(name: String, count: Int)] {
        [
            ("accepted", accepted), ("relayed", relayed), ("undeliverable", undeliverable), ("waiting", waiting),
            ("dropped", dropped),
        ]
    }

    var value: MessagePackValue { .fields(rows.map { DataField($0.name, .int(Int64($0.count))) }) }
}
