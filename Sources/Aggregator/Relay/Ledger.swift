internal import Connections
internal import SaltBus

/// What became of everything, on one snapshot; nothing is ever unaccounted for.
///
/// `received = relayed + coalesced + dropped + dead + waiting`, and before that
/// `callbacks = accepted + filtered + suppressed + dropped + under way` (see ``CallbackCounts``).
struct Ledger: Hashable, Sendable {
    /// What became of libvirt's events before the journal.
    var callbacks = CallbackCounts()

    /// Records the relay accepted, of any origin, and those that waited from a former run.
    var received = 0

    /// Records seen on the bus.
    var relayed = 0

    /// Records that later ones had superseded before they were sent.
    var coalesced = 0

    /// Records that can never be sent.
    var dead = 0

    /// Records that were given up, by reason.
    var dropped = Drops()

    /// Records on their way, counted where they wait.
    var waiting = 0

    /// Why records are given up.
    struct Drops: Hashable, Sendable {
        /// Too many waited for the disk.
        var memory = 0

        /// The spool was full of records that waited.
        var room = 0

        var total: Int { memory + room }
    }

    var isBalanced: Bool {
        callbacks.isBalanced && received == relayed + coalesced + dropped.total + dead + waiting
    }

    /// The counts by the names they have in events and in the status, but for the drops.
    var rows: [(name: String, count: Int)] {
        [
            ("callbacks", callbacks.callbacks), ("accepted", callbacks.accepted), ("filtered", callbacks.filtered),
            ("suppressed", callbacks.suppressed), ("under_way", callbacks.underWay), ("received", received),
            ("relayed", relayed), ("coalesced", coalesced), ("dead", dead), ("waiting", waiting),
        ]
    }

    /// Everything that was given up, by the names of the reasons.
    var drops: [(reason: String, count: Int)] {
        [("in_flight", callbacks.dropped), ("memory", dropped.memory), ("room", dropped.room)]
    }

    var value: MessagePackValue {
        .fields(
            rows.map { DataField($0.name, .int(Int64($0.count))) }
                + [DataField("dropped", .fields(drops.map { DataField($0.reason, .int(Int64($0.count))) }))]
        )
    }
}

extension Ledger {
    /// Puts together what the parts have counted.
    ///
    /// - Parameters:
    ///   - callbacks: Of every host.
    ///   - sink: Read before `journal`, so that the journal knows of all that the sink has.
    ///   - journal: The counts before the spool.
    init(callbacks: CallbackCounts, sink: Sink.Snapshot, journal: JournalCounts) {
        self.callbacks = callbacks
        received = sink.inherited + journal.accepted
        relayed = sink.tally.relayed
        coalesced = sink.tally.coalesced
        dead = sink.tally.dead
        dropped = Drops(memory: journal.droppedForMemory, room: journal.droppedForRoom + sink.tally.dropped)
        // Three places: before the spool, in the spool and not looked at by the sink, and with the sink.
        waiting = journal.pending + Int(journal.last - sink.readThrough) + sink.waiting
    }
}
