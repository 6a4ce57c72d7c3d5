internal import GRDB

/// What waited in a database that another one takes the place of.
extension Salvage {
    /// Positions that are read at once, or else one by one.
    private static let page: Int64 = 256

    /// Pages in a row that cannot be read: no more comes after so many, for what tells of the last position may be wrong, too.
    private static let patience = 1_024

    /// Copies what waited as far as it can be read, where it was.
    ///
    /// - Returns: Whether that is all of it.
    func copyWaiting(
        to new: DatabaseQueue,
        after sent: Int64,
        through last: Int64,
        while hasRoom: () -> Bool
    ) throws(SpoolError) -> Bool {
        guard let old, let watermark else { return false }
        var isAll = true
        var unread = 0
        var position = max(sent, watermark)
        while position < last {
            // What is left of it is for the end of this.
            guard hasRoom() else { return false }
            let end = min(position + Self.page, last)
            let found = try? Spool.look(on: old) { try $0.events(after: position, limit: Int(Self.page)) }
            let events = found?.filter { $0.position <= last } ?? oneByOne(position + 1...end, of: old)
            try Spool.perform("save what waited", on: new) { try $0.insert(events) }
            guard let found else {
                // One that is not where it was looks as if there were none.
                isAll = false
                unread = events.isEmpty ? unread + 1 : 0
                position = unread < Self.patience ? end : last
                continue
            }
            unread = 0
            // Positions of which there is nothing more need no look.
            position = found.count < Self.page ? last : found.last?.position ?? last
        }
        return isAll
    }

    /// Those that are not on a page that is damaged.
    private func oneByOne(_ positions: ClosedRange<Int64>, of old: DatabaseQueue) -> [SpooledEvent] {
        positions.compactMap { position in try? Spool.look(on: old) { try $0.event(at: position) } }
    }
}
