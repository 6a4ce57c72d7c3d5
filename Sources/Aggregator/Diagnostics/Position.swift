/// Where a configuration mistake stands: a place in a file, or a command-line flag.
struct Position: Hashable, Sendable {
    /// The file as it was named, or the flag with its dashes.
    let file: String

    /// Counted from 1; 0 for a flag, which has no lines.
    let line: Int

    /// Counted in characters from 1; 0 for a flag.
    let column: Int

    init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    private init(flag: String) {
        file = flag
        line = 0
        column = 0
    }

    /// The position of what stands behind a flag, for example `--bus-window`.
    static func flag(_ name: String) -> Position {
        Position(flag: name)
    }

    var isFlag: Bool { line == 0 }
}

extension Position: CustomStringConvertible {
    var description: String {
        isFlag ? file : "\(file):\(line):\(column)"
    }
}

extension Position: Comparable {
    static func < (left: Position, right: Position) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}
