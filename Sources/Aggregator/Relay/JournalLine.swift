internal import Connections
internal import DequeModule
internal import Spool

/// What waits for the disk, and in which order it is to be written.
///
/// In the order in which it came, but for hosts that have very much of it: a flood of events, the first listing of 10,000
/// domains. What such a host has beyond its ``share`` waits apart and is written where the others leave room, one host
/// after the other. So nobody waits for a host that has much but itself, and its own order holds.
struct JournalLine: Sendable {
    struct Item: Sendable {
        let entry: JournalEntry
        let inFlight: InFlight?

        /// See ``JournalSections``.
        let section: Int

        /// What it is on the disk: a record, and its changes.
        fileprivate var rows: Int { (entry.record == nil ? 0 : 1) + entry.changes.count }
    }

    /// Rows of one host that may stand before what others have: written in a millisecond or two.
    static let share = 256

    private var front: Deque<Item> = []

    /// Rows there, and of each host among them; `nil` while all together are no more than one host's share, since then
    /// nobody has to be counted.
    private var total = 0
    private var rows: [String: Int]?

    /// What waits apart, and the hosts that have something there, by turns.
    private var apart: [String: Deque<Item>] = [:]
    private var turns: Deque<String> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ item: consuming Item) {
        count += 1
        if apart.isEmpty, rows == nil, total + item.rows <= Self.share { return join(item) }
        let host = item.entry.host
        if apart[host] == nil {
            if rows == nil { rows = Self.counted(front) }
            let sum = (rows?[host] ?? 0) + item.rows
            if sum <= Self.share {
                rows?[host] = sum
                return join(item)
            }
            turns.append(host)
        }
        apart[host, default: []].append(item)
    }

    private mutating func join(_ item: consuming Item) {
        total += item.rows
        front.append(item)
    }

    private static func counted(_ items: Deque<Item>) -> [String: Int] {
        items.reduce(into: [:]) { $0[$1.entry.host, default: 0] += $1.rows }
    }

    /// Takes what goes into one transaction.
    mutating func take(_ limit: (records: Int, bytes: Int)) -> [Item] {
        var load = Load(limit: limit)
        while !load.isFull, let item = front.popFirst() {
            total -= item.rows
            if let before = rows?[item.entry.host] {
                rows?[item.entry.host] = before > item.rows ? before - item.rows : nil
            }
            load.add(item)
        }
        if total <= Self.share { rows = nil }
        while !load.isFull, let host = turns.popFirst(), var lane = apart.removeValue(forKey: host) {
            var taken = 0
            while !load.isFull, let item = lane.first, taken == 0 || taken + item.rows <= Self.share {
                taken += item.rows
                load.add(item)
                lane.removeFirst()
            }
            guard !lane.isEmpty else { continue }
            apart[host] = lane
            turns.append(host)
        }
        count -= load.items.count
        return load.items
    }

    /// Puts what was taken where it was.
    mutating func putBack(_ items: [Item]) {
        count += items.count
        for item in items.reversed() {
            total += item.rows
            rows?[item.entry.host, default: 0] += item.rows
            front.prepend(item)
        }
    }

    /// What a transaction has so far.
    private struct Load {
        let limit: (records: Int, bytes: Int)
        private(set) var items: [Item] = []
        private var (records, changes, bytes) = (0, 0, 0)

        init(limit: (records: Int, bytes: Int)) {
            self.limit = limit
        }

        var isFull: Bool { records >= limit.records || changes >= limit.records || bytes >= limit.bytes }

        mutating func add(_ item: consuming Item) {
            records += item.entry.record == nil ? 0 : 1
            changes += item.entry.changes.count
            bytes += item.entry.size
            items.append(item)
        }
    }
}

extension JournalEntry {
    /// Whose it is; empty for the service's own.
    var host: String { record?.host ?? changes.first?.host ?? "" }

    /// Whether it goes into one transaction: not a great many changes that belong to no record.
    var isWhole: Bool { record != nil || changes.count <= JournalLine.share }

    /// What it is in pieces when it is not whole.
    var pieces: [JournalEntry] {
        let size = JournalLine.share
        return stride(from: 0, to: changes.count, by: size).map { start in
            JournalEntry(
                record: nil,
                changes: Array(changes[start..<min(start + size, changes.count)]),
                origin: origin
            )
        }
    }
}
