extension Sink {
    /// What became of the records that were sent, or not.
    struct Tally: Hashable, Sendable {
        /// Seen on the bus.
        var relayed = 0

        /// Superseded by later ones before they were sent.
        var coalesced = 0

        /// Gone from the spool before they could be sent, for want of room.
        var dropped = 0

        /// Never to be sent.
        var dead = 0
    }

    /// What the ledger and the status need to know, at one moment.
    ///
    /// `inherited + taken = relayed + coalesced + dropped + dead + waiting`.
    struct Snapshot: Hashable, Sendable {
        /// Records that waited at the start.
        var inherited = 0

        /// Records appended since, as far as they have been looked at.
        var taken = 0

        /// The position up to which the spool has been looked at, and at least that of the last inherited record.
        var readThrough: Int64 = 0

        /// Of the inherited and the taken ones, those that are not settled.
        var waiting = 0
        var tally = Tally()
        var pacing = Pacer.Snapshot()

        /// Each host's records among those that were dropped, as far as they had been read: of others nobody knows whose
        /// they are.
        var dropped: [String: Int] = [:]

        /// Each host's records that can never be sent, replays aside, once the spool has noted that.
        var dead: [String: Int] = [:]
    }
}

/// Counts what the sink takes from the spool, and what becomes of it.
struct SinkCounts: Sendable {
    var tally = Sink.Tally()
    private var inherited: Int
    private var taken = 0

    /// The position of the last inherited record, and how many up to it are still to be read.
    ///
    /// Which of these the spool had already lost when it was opened only their number tells.
    let lastInherited: Int64
    private var unread: Int

    /// - Parameters:
    ///   - inherited: How many records wait at the start.
    ///   - last: The position of the last one.
    init(inherited: Int, through last: Int64) {
        self.inherited = inherited
        lastInherited = last
        unread = inherited
    }

    /// A record was read that is to be sent.
    mutating func read(_ position: Int64) {
        if position > lastInherited {
            taken += 1
        } else if unread > 0 {
            unread -= 1
        } else {
            inherited += 1
        }
    }

    /// Everything up to a position was read or is gone, and so are `missing` records of this run.
    mutating func passed(_ position: Int64, missing: Int = 0) {
        taken += missing
        tally.dropped += missing
        guard position >= lastInherited, unread > 0 else { return }
        tally.dropped += unread
        unread = 0
    }

    /// The snapshot, with what others know.
    func snapshot(
        readThrough: Int64,
        waiting: Int,
        pacing: Pacer.Snapshot,
        dropped: [String: Int],
        dead: [String: Int]
    ) -> Sink.Snapshot {
        Sink.Snapshot(
            inherited: inherited,
            taken: taken,
            readThrough: max(readThrough, lastInherited),
            waiting: waiting + unread,
            tally: tally,
            pacing: pacing,
            dropped: dropped,
            dead: dead
        )
    }
}
