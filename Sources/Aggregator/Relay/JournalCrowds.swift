internal import DequeModule
internal import Spool

/// What hosts with a great many changes at once have to be written, apart from what all the others have.
///
/// The first listing of 10,000 domains is one report. In one transaction it would keep everybody's events waiting for some
/// tenths of a second; here it goes in pieces, one with each transaction, and behind it waits nobody but the host itself,
/// whose order holds.
struct JournalCrowds<Item: Sendable>: Sendable {
    private struct Waiting: Sendable {
        let item: Item
        let changes: Int
    }

    private var lanes: [String: Deque<Waiting>] = [:]

    /// The hosts that have a lane, by turns.
    private var turns: Deque<String> = []

    var isEmpty: Bool { lanes.isEmpty }

    /// Takes in a piece, or what belongs behind one of its host.
    ///
    /// - Returns: Whether it did; else it may go with what all the others have.
    mutating func take(_ item: Item, of entry: JournalEntry, isPiece: Bool) -> Bool {
        guard isPiece || lanes[entry.host] != nil else { return false }
        if lanes[entry.host] == nil { turns.append(entry.host) }
        lanes[entry.host, default: []].append(Waiting(item: item, changes: entry.changes.count))
        return true
    }

    /// A piece of the host whose turn it is, and what follows as far as it is no more than a piece.
    mutating func next() -> [Item] {
        guard let host = turns.popFirst(), var lane = lanes[host] else { return [] }
        var (items, changes) = ([Item](), 0)
        while let first = lane.first, items.isEmpty || changes + first.changes <= JournalEntry.piece,
            items.count < JournalEntry.piece
        {
            items.append(first.item)
            changes += first.changes
            lane.removeFirst()
        }
        lanes[host] = lane.isEmpty ? nil : lane
        if !lane.isEmpty { turns.append(host) }
        return items
    }
}

extension JournalEntry {
    /// Changes in one piece.
    static let piece = 256

    /// Whose it is; empty for the service's own.
    var host: String { record?.host ?? changes.first?.host ?? "" }

    /// Itself, or what it is in pieces when it is a great many changes that belong to no record.
    var pieces: [JournalEntry] {
        guard record == nil, changes.count > Self.piece else { return [self] }
        return stride(from: 0, to: changes.count, by: Self.piece).map { start in
            JournalEntry(record: nil, changes: Array(changes[start..<min(start + Self.piece, changes.count)]))
        }
    }
}
