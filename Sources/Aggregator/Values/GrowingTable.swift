/// A table whose rows come bit by bit: columns are as wide as anything so far, and never narrower.
struct GrowingTable {
    /// Beyond this a cell pushes its own line to the right, and no other.
    private static let widthLimit = 40

    private let head: [String]
    private var widths: [Int]
    private var isBegun = false

    init(head: [String]) {
        self.head = head
        widths = head.map(\.count)
    }

    /// The lines of further rows, after the head when they are the first.
    mutating func lines(of rows: [[String]], colored: Bool) -> String {
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], min(cell.count, Self.widthLimit))
            }
        }
        var text = ""
        if !isBegun {
            isBegun = true
            text += colored ? "\u{1B}[1m\(line(head))\u{1B}[0m\n" : line(head) + "\n"
        }
        for row in rows { text += line(row) + "\n" }
        return text
    }

    private func line(_ cells: [String]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            line += cell
            guard column < cells.count - 1 else { break }
            line += String(repeating: " ", count: max(0, widths[column] - cell.count) + 2)
        }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
