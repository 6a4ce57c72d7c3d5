internal import Spool

/// Kept events as text, page by page: a table for people, or JSON lines for programs.
struct EventsPrinter {
    let isJSON: Bool
    let isColored: Bool

    /// How many there were so far.
    private(set) var count = 0
    private var table = GrowingTable(head: EventRow.head)

    init(isJSON: Bool, isColored: Bool) {
        self.isJSON = isJSON
        self.isColored = isColored
    }

    mutating func text(of events: [KeptEvent]) -> String {
        count += events.count
        let rows = events.map(EventRow.init)
        if isJSON { return rows.map { $0.json + "\n" }.joined() }
        return table.lines(of: rows.map(\.cells), colored: isColored)
    }
}
