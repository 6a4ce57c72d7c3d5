internal import Spool

/// What waits in the spool to be sent, and whose turn it is.
///
/// Records wait in lanes: one for each host, one for what the service says of itself, one for all replays. Within a lane
/// the order never changes. Lanes take turns, one record each; those whose next record tells of a host, of the service or
/// of an object's life come first, and every fifth turn belongs to the others, so that nobody starves.
///
/// A record that tells a level, as a balloon's size, supersedes one that waits and tells the same: whoever reads the bus
/// learns what is, later than what was.
struct Backlog: Sendable {
    /// Records of which it knows; the spool keeps what comes beyond: 40 bytes each, so some 40 MB.
    static let limit = 1 << 20

    /// Bytes of events kept at hand; the rest is read from the spool again when its turn comes.
    static let cacheLimit = 16 << 20

    /// A record that waits, or is out.
    struct Entry: Sendable {
        let position: Int64

        /// The event, if there was room for it.
        var bytes: [UInt8]?

        /// What it tells the level of; 0 = it tells none.
        ///
        /// 64 bits of SipHash with a key of this process: two of a million that are equal by chance are not to be expected,
        /// and nobody outside can make them.
        let level: Int
        let size: Int32
        let isUrgent: Bool
        var isSuperseded = false
    }

    /// A record whose turn has come.
    struct Pick: Sendable {
        let entry: Entry
        fileprivate let lane: Int

        var position: Int64 { entry.position }
    }

    private var lanes: Lanes

    /// The position of the last waiting record that tells a level.
    private var newest: [Int: Int64] = [:]
    private var cachedBytes = 0

    /// Records that wait.
    private(set) var count = 0

    /// - Parameter share: How many records of one host may be out: what a host that floods has at the master is what everybody's
    ///   next event waits for there. The default is any number.
    init(share: Int = .max) {
        lanes = Lanes(share: share)
    }

    var isEmpty: Bool { count == 0 }

    /// How many records of each host were gone before they could be sent.
    var dropped: [String: Int] { lanes.removed }

    /// Whether a lane's next record waits until the one before is settled.
    ///
    /// Salt's releases with bare frames (3007.14 and 3008.1 are such) write an event to one subscriber after the other,
    /// and when one of these is slow, an event that comes later passes those that wait for it, to every subscriber behind
    /// (measured, and read in their source). With one record out per host there is nothing it could pass.
    var isOnePerHost: Bool {
        get { lanes.isOnePerHost }
        set { lanes.isOnePerHost = newValue }
    }

    /// Up to here records that are not at hand cannot be read now; 0 = all can.
    ///
    /// They wait, and so does what is behind them of their hosts.
    var unread: Int64 {
        get { lanes.unread }
        set { lanes.unread = newValue }
    }

    /// Takes in a record that is to be sent; positions grow.
    ///
    /// - Returns: The position of the waiting one that it supersedes.
    mutating func add(_ event: SpooledEvent) -> Int64? {
        let index = event.isReplay ? Lanes.replays : lanes.index(of: event.host)
        let (kind, object) = (event.record.kind, event.record.object)
        let entry = Entry(
            position: event.position,
            bytes: cachedBytes + event.bytes.count <= Self.cacheLimit ? event.bytes : nil,
            level: event.isReplay ? 0 : Self.level(of: event, in: index),
            size: Int32(clamping: event.bytes.count),
            isUrgent: kind == "lifecycle" || object == "host" || object == "aggregator"
        )
        cachedBytes += entry.bytes?.count ?? 0
        count += 1
        lanes.append(entry, to: index)
        guard entry.level != 0, let older = newest.updateValue(entry.position, forKey: entry.level) else { return nil }
        guard let gone = lanes.supersede(older, in: index) else { return nil }
        forget(gone)
        return older
    }

    /// The record whose turn it is; from now on it is out.
    ///
    /// - Returns: `nil` when none waits, or each waits for another one of its host, or cannot be read.
    mutating func pick() -> Pick? {
        guard let index = lanes.takeTurn(), let entry = lanes.popFirst(of: index) else { return nil }
        count -= 1
        // What is out is not superseded any more.
        if entry.level != 0, newest[entry.level] == entry.position { newest[entry.level] = nil }
        return Pick(entry: entry, lane: index)
    }

    /// A record that was out is settled.
    mutating func settled(_ pick: Pick) {
        cachedBytes -= pick.entry.bytes?.count ?? 0
        lanes.came(back: pick.lane)
    }

    /// A record that was to go out is gone; ``settled(_:)`` comes after it.
    mutating func lost(_ pick: Pick) { lanes.lost(of: pick.lane) }

    /// Records that were out, in the order they were picked, are to be sent again.
    mutating func requeue(_ picks: some BidirectionalCollection<Pick>) {
        for pick in picks.reversed() { lanes.prepend(pick.entry, to: pick.lane) }
        for pick in picks { lanes.came(back: pick.lane) }
        count += picks.count
    }

    /// Records in this range are gone.
    ///
    /// - Parameter keepsAtHand: Whether those can be sent all the same that are at hand. The default is `false`.
    /// - Returns: The positions of those that waited.
    mutating func drop(_ range: ClosedRange<Int64>, keepsAtHand: Bool = false) -> [Int64] {
        let gone = lanes.remove(range, keepsAtHand: keepsAtHand)
        for entry in gone { forget(entry) }
        return gone.map(\.position)
    }

    private mutating func forget(_ entry: Entry) {
        count -= 1
        cachedBytes -= entry.bytes?.count ?? 0
        if entry.level != 0, newest[entry.level] == entry.position { newest[entry.level] = nil }
    }

    private static func level(of event: SpooledEvent, in lane: Int) -> Int {
        guard let level = event.record.level else { return 0 }
        var hasher = Hasher()
        hasher.combine(lane)
        hasher.combine(event.record.kind)
        hasher.combine(level)
        let hash = hasher.finalize()
        return hash == 0 ? 1 : hash
    }
}
