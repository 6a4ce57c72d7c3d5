internal import Connections
internal import Spool

/// What waits for the disk, and when it is to be written: at once when the disk is idle, else when some have gathered.
///
/// A value without a clock; the journal tells it the time.
struct JournalQueue: Sendable {
    /// 73,728 records, and never more than 72 MiB, while the disk stalls.
    ///
    /// Events are bounded by their places in flight; this bounds the fleet, and what we say ourselves.
    static let limit = (records: madeUp.records + 8_192, bytes: madeUp.bytes + (8 << 20))

    /// How much may wait for what is made up to be taken in: 65,536 records and 64 MiB.
    ///
    /// One host that is told anew may have 50,000 steps at once, which hold no places: what others hear meanwhile finds room
    /// all the same.
    static let madeUp = (records: 65_536, bytes: 64 << 20)

    /// What goes into one transaction: a record costs a tenth in it of what it costs alone, and more gain little.
    static let batch = (records: 512, bytes: 256 << 10)

    /// How long records gather after a commit, unless half a batch is there before; twice as long after one that had many,
    /// since each costs the same whatever is in it.
    ///
    /// The default is 8 ms.
    let linger: Duration

    /// From so many records on a transaction had many.
    private static let many = 48

    /// What the journal is to do.
    enum Next: Equatable {
        case nothing, commit
        case commitLater(Duration)
    }

    private enum Phase { case idle, lingering, committing }

    private var line = JournalLine()

    /// Of all that waits, what is being committed among it; about.
    private var bytes = 0
    private var phase = Phase.idle
    private var lastCommit: Duration?
    private var isBusy = false
    private var underWay = Batch()

    /// A number for each lingering, so that a timer that comes late means nothing.
    private(set) var turn = 0
    private(set) var counts: JournalCounts

    /// Each host's records that were dropped, replays aside; under no name the service's own.
    private(set) var dropped: [String: Int] = [:]

    /// What was dropped, and has to be put right.
    private var losses = JournalLosses()
    private var sections = JournalSections()

    /// - Parameters:
    ///   - last: The position of the last record in the spool.
    ///   - linger: How long records gather after a commit.
    init(last: Int64 = 0, linger: Duration = .milliseconds(8)) {
        self.linger = linger
        counts = JournalCounts(last: last)
    }

    /// What is being committed, with the places it holds.
    struct Batch: Sendable {
        var content = SpoolBatch()
        fileprivate var items: [JournalLine.Item] = []

        fileprivate init() {}

        var isEmpty: Bool { items.isEmpty }

        /// Lets the hosts have their places back.
        func giveBackPlaces() {
            var index = 0
            while index < items.count {
                let owner = items[index].inFlight
                var places = 0
                while index < items.count, items[index].inFlight === owner {
                    places += items[index].entry.places
                    index += 1
                }
                if places > 0 { owner?.leave(places) }
            }
        }
    }

    /// Takes entries in, in order; what is beyond the limits is dropped and counted, a record with the state that it led to,
    /// and gives its places back at once.
    mutating func take(_ entries: [JournalEntry], of inFlight: InFlight?, at now: Duration) -> Next {
        var (idle, taken) = (0, 0)
        for entry in entries {
            if entry.record != nil { counts.accepted += 1 }
            let limit = entry.isMadeUp ? Self.madeUp : Self.limit
            let isFull = counts.pending >= limit.records || bytes >= limit.bytes
            guard !isFull, entry.record != nil || !entry.changes.isEmpty else {
                idle += entry.places
                if entry.record != nil { counts.droppedForMemory += 1 }
                countDrop(entry)
                if isFull, entry.record != nil || !entry.changes.isEmpty {
                    counts.lostStates += entry.changes.count
                    losses.add(entry, at: now)
                    if entry.isMadeUp { losses.isWasted(entry) }
                }
                continue
            }
            if entry.record != nil { counts.pending += 1 }
            // Nearly none is in pieces, and an array for each of the others shows.
            if entry.isWhole {
                taken += 1
                add(entry, of: inFlight)
            } else {
                for piece in entry.pieces {
                    taken += 1
                    add(piece, of: inFlight)
                }
            }
        }
        sections.enter(taken)
        if idle > 0 { inFlight?.leave(idle) }
        return next(at: now)
    }

    private mutating func add(_ entry: consuming JournalEntry, of inFlight: InFlight?) {
        bytes += entry.size
        line.append(JournalLine.Item(entry: entry, inFlight: inFlight, section: sections.current))
    }

    /// The timer of a lingering has come.
    mutating func lingered(_ turn: Int) -> Next {
        guard phase == .lingering, turn == self.turn else { return .nothing }
        phase = .committing
        return .commit
    }

    /// What the next transaction is made of; the journal says afterwards what came of it.
    mutating func begin() -> Batch {
        phase = .committing
        underWay = Batch()
        underWay.items = line.take(Self.batch)
        underWay.content.records.reserveCapacity(underWay.items.count)
        underWay.content.changes.reserveCapacity(underWay.items.count)
        for index in underWay.items.indices {
            if let record = underWay.items[index].entry.record { underWay.content.records.append(record) }
            underWay.content.changes += underWay.items[index].entry.changes
        }
        return underWay
    }

    /// The transaction is committed.
    mutating func committed(last: Int64?, at now: Duration) -> Next {
        settle()
        isBusy = underWay.content.records.count >= Self.many
        if !underWay.isEmpty { losses.committed() }
        counts.committed += underWay.content.records.count
        if let last { counts.last = last }
        return ended(at: now)
    }

    /// There is no room for it, and what came last has to give way.
    mutating func refused(at now: Duration) -> Next {
        settle()
        counts.lostStates += underWay.content.changes.count
        counts.droppedForRoom += underWay.content.records.count
        losses.refused()
        for item in underWay.items {
            losses.add(item.entry, at: now)
            countDrop(item.entry)
        }
        return ended(at: now)
    }

    /// It failed, and is to be tried again.
    mutating func failed() {
        line.putBack(underWay.items)
        underWay = Batch()
    }

    /// Whether something was dropped that has to be put right.
    var hasLosses: Bool { !losses.isEmpty }

    /// What is to be put right now, by host; the journal takes records again, or has to be tried.
    mutating func takeLosses(at now: Duration) -> [String: Lost] {
        let hasRoom = counts.pending < Self.limit.records / 2 && bytes < Self.limit.bytes / 2
        return losses.due(at: now, hasRoom: hasRoom)
    }

    /// Sets a mark behind everything taken in so far.
    mutating func mark(at now: Duration) -> JournalMark {
        sections.mark(at: now)
    }

    /// See ``Journal/losses(before:)``.
    func losses(before mark: JournalMark) -> Set<String>? {
        sections.hasPassed(mark) ? losses.hosts(since: mark.moment - JournalLosses.handingOn) : nil
    }

    private mutating func countDrop(_ entry: JournalEntry) {
        guard let record = entry.record, record.replayOf == nil else { return }
        dropped[record.host, default: 0] += 1
    }

    private mutating func settle() {
        counts.pending -= underWay.content.records.count
        bytes -= underWay.items.reduce(0) { $0 + $1.entry.size }
        var index = 0
        while index < underWay.items.count {
            let (first, section) = (index, underWay.items[index].section)
            while index < underWay.items.count, underWay.items[index].section == section { index += 1 }
            sections.leave(section, index - first)
        }
    }

    private mutating func ended(at now: Duration) -> Next {
        underWay = Batch()
        lastCommit = now
        phase = .idle
        return next(at: now)
    }

    private mutating func next(at now: Duration) -> Next {
        guard phase != .committing, !line.isEmpty else { return .nothing }
        let quiet = lastCommit.map { now - $0 } ?? .seconds(1)
        let linger = isBusy ? self.linger * 2 : self.linger
        if quiet >= linger || line.count >= Self.batch.records / 2 {
            phase = .committing
            return .commit
        }
        guard phase == .idle else { return .nothing }
        phase = .lingering
        turn += 1
        return .commitLater(linger - quiet)
    }
}
