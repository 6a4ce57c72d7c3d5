internal import Spool

/// Goes through the kept events page by page.
///
/// Blocks for a disk access per page; nothing is held between two pages.
struct EventHistory {
    let history: SpoolHistory
    let selection: SpoolSelection

    /// Told after each page how far it is, from 0 to 1.
    var progress: (Double) -> Void = { _ in }

    /// Where the last `count` of them begin.
    ///
    /// - Returns: The position before the first of them, and whether there are others before it.
    /// - Throws: ``SpoolError``.
    func start(ofLast count: Int, in span: SpoolSpan) throws(SpoolError) -> (after: Int64, hasMore: Bool) {
        guard let first = span.first, let last = span.last else { return (0, false) }
        var position = last + 1
        var start = position
        var found = 0
        while true {
            let page = try history.positions(selection, before: position)
            for match in page.found {
                if found == count { return (start - 1, true) }
                found += 1
                start = match
            }
            guard !page.isLast else { return (start - 1, false) }
            position = page.end
            progress(Double(last - position) / Double(max(1, last - first)))
        }
    }

    /// Calls `body` with each page of them after a position, up to another, oldest first.
    ///
    /// - Throws: ``SpoolError``, or what `body` throws.
    func each(
        after start: Int64,
        through last: Int64,
        _ body: ([KeptEvent]) throws -> Void
    ) throws {
        var position = start
        while position < last {
            let page = try history.events(selection, after: position, through: last)
            if !page.found.isEmpty { try body(page.found) }
            guard !page.isLast else { return }
            progress(Double(page.end - start) / Double(max(1, last - start)))
            position = page.end
        }
    }
}
