internal import DequeModule

/// Which records are on the bus's side and not confirmed yet, and how many there may be.
///
/// The window halves when a session is lost and grows by one for each window confirmed: a master that was too slow gets
/// less. Where the master lets events overtake each other, each host has one record out at a time and its others are
/// held: see ``isOnePerHost``.
struct SendWindow: Sendable {
    /// What the window needs to know of a record.
    struct Record: Sendable {
        let position: Int64
        let host: String

        /// Its bytes.
        let size: Int
    }

    private struct Entry {
        enum State { case out, held, confirmed }

        let record: Record
        var state: State
    }

    /// What may be held beside what is out: 4,096 records, which are some 2.5 MB, and never more than 8 MiB.
    static let heldLimit = (records: 4_096, bytes: 8 << 20)

    private let limit: Int
    private var entries: Deque<Entry> = []

    /// Confirmed ahead of the watermark in a session that is over: not to be sent, nor counted, again.
    private var confirmedBefore: Set<Int64> = []
    private var confirmedSinceGrowth = 0

    /// Hosts with a record out, and those that wait for it, in order.
    private var held: [String: Deque<Int64>] = [:]
    private var heldCount = 0
    private var heldBytes = 0
    private var released: [Int64] = []

    /// Records that are out.
    private var outCount = 0

    /// Whether a host's next record waits until the one before is confirmed.
    ///
    /// Salt's releases with bare frames (3007.14 and 3008.1 are such) write an event to one subscriber after the other,
    /// and when one of these is slow, an event that comes later passes those that wait for it, to every subscriber behind
    /// (measured, and read in their source). With one record out per host there is nothing it could pass.
    var isOnePerHost = false

    /// How many may be out.
    private(set) var size: Int

    /// Everything up to here is confirmed.
    private(set) var watermark: Int64

    /// The last record handed out.
    private(set) var sent: Int64

    init(limit: Int, watermark: Int64) {
        self.limit = limit
        self.watermark = watermark
        size = limit
        sent = watermark
    }

    /// How many more may be taken in now.
    var room: Int {
        if heldCount >= Self.heldLimit.records || heldBytes >= Self.heldLimit.bytes { return 0 }
        // What is confirmed behind one that is not stays in the list, too.
        let capacity = isOnePerHost ? size + Self.heldLimit.records : size
        return max(0, min(size - outCount, capacity - entries.count))
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Records beyond the watermark that are confirmed.
    var confirmedAhead: Int { confirmedBefore.count + entries.count { $0.state == .confirmed } }

    /// Takes the next records in; positions grow.
    ///
    /// - Returns: Those to send now, and those that ``takeReleased()`` will name in their time. What was confirmed before a
    ///   loss is in neither.
    mutating func send(_ records: some Sequence<Record>) -> (now: [Int64], later: [Int64]) {
        var now: [Int64] = []
        var later: [Int64] = []
        for record in records {
            sent = record.position
            if confirmedBefore.remove(record.position) != nil {
                entries.append(Entry(record: record, state: .confirmed))
            } else if hold(record) {
                entries.append(Entry(record: record, state: .held))
                later.append(record.position)
            } else {
                entries.append(Entry(record: record, state: .out))
                outCount += 1
                now.append(record.position)
            }
        }
        passConfirmed()
        return (now, later)
    }

    /// What need not be held any more since the last call, in order.
    mutating func takeReleased() -> [Int64] {
        defer { released = [] }
        return released
    }

    /// - Returns: Whether the record has to wait for another one of its host.
    private mutating func hold(_ record: Record) -> Bool {
        guard isOnePerHost else { return false }
        guard held[record.host] == nil else {
            held[record.host]?.append(record.position)
            heldCount += 1
            heldBytes += record.size
            return true
        }
        held[record.host] = []
        return false
    }

    /// A host's record is through: its next one may go.
    private mutating func release(_ host: String) {
        guard held[host] != nil else { return }
        guard let next = held[host]?.popFirst() else {
            held[host] = nil
            return
        }
        if let index = index(of: next) {
            entries[index].state = .out
            outCount += 1
            heldCount -= 1
            heldBytes -= entries[index].record.size
        }
        released.append(next)
    }

    /// Moves the watermark over what is confirmed, so that the first entry is always one that is waited for.
    private mutating func passConfirmed() {
        while let first = entries.first, first.state == .confirmed {
            entries.removeFirst()
            watermark = first.record.position
        }
    }

    /// A record was seen on the bus, or will never be sent.
    ///
    /// - Returns: Whether it was waited for.
    mutating func settle(_ position: Int64) -> Bool {
        guard let index = index(of: position), entries[index].state == .out else { return false }
        entries[index].state = .confirmed
        outCount -= 1
        release(entries[index].record.host)
        passConfirmed()
        confirmedSinceGrowth += 1
        if confirmedSinceGrowth >= size {
            confirmedSinceGrowth = 0
            size = min(size + 1, limit)
        }
        return true
    }

    /// The session is over: what is unconfirmed is sent again.
    mutating func lose() {
        confirmedBefore.formUnion(entries.lazy.filter { $0.state == .confirmed }.map(\.record.position))
        entries.removeAll()
        (held, heldCount, heldBytes, outCount) = ([:], 0, 0, 0)
        released = []
        sent = watermark
        size = max(1, size / 2)
        confirmedSinceGrowth = 0
    }

    /// Positions are sorted, and the one asked for is nearly always the first.
    private func index(of position: Int64) -> Int? {
        if entries.first?.record.position == position { return 0 }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].record.position < position { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].record.position == position ? low : nil
    }
}
