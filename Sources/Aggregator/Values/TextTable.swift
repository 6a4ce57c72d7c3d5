/// A table for people: one line for each row, columns as wide as what stands in them.
struct TextTable {
    let head: [String]
    let rows: [[String]]

    /// The head's line, then one for each row.
    var lines: (head: String, rows: [String]) {
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        return (Self.line(head, widths: widths), rows.map { Self.line($0, widths: widths) })
    }

    private static func line(_ cells: [String], widths: [Int]) -> String {
        let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
        let line = padded.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
