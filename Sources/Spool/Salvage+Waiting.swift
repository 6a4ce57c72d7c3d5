internal import GRDB

/// What waited in a database that another one takes the place of.
extension Salvage {
    /// Positions that are read at once, or else one by one.
    private static let page: Int64 = 256

    /// Copies what waited as far as it can be read, where it was.
    ///
    /// - Returns: Whether that is all of it.
    func copyWaiting(
        to new: DatabaseQueue,
        after sent: Int64,
        through last: Int64,
        while hasRoom: () -> Bool
    ) throws(SpoolError) -> Bool {
        guard let old, let settled else { return false }
        var isAll = true
        var position = max(sent, settled.watermark)
        while position < last {
            // What is left of it is for the end of this.
            guard hasRoom() else { return false }
            let end = min(position + Self.page, last)
            let found = try? Spool.look(on: old) { try $0.events(after: position, limit: Int(Self.page)) }
            let events = found?.filter { $0.position <= end } ?? oneByOne(position + 1...end, of: old, &isAll)
            try Spool.perform("save what waited", on: new) { try $0.insert(events) }
            position = end
        }
        return isAll
    }

    /// Those that are not on a page that is damaged.
    private func oneByOne(
        _ positions: ClosedRange<Int64>,
        of old: DatabaseQueue,
        _ isAll: inout Bool
    ) -> [SpooledEvent] {
        var events: [SpooledEvent] = []
        for position in positions {
            do throws(SpoolError) {
                if let event = try Spool.look(on: old, { try $0.event(at: position) }) { events.append(event) }
            } catch {
                isAll = false
            }
        }
        return events
    }
}
