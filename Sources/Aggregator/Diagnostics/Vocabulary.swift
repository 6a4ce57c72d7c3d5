/// A closed list of words, and what to say of a word that is not among them.
struct Vocabulary: Sendable {
    let words: [String]

    /// The known word a mistyped one was meant to be, or `nil` when none is near: more than a third of it differs.
    func nearest(to word: String) -> String? {
        guard word.count <= 64 else { return nil }
        return words.map { (word: $0, distance: Self.distance(word.lowercased(), $0)) }
            .filter { $0.distance <= max(1, $0.word.count / 3) }
            .min { $0.distance < $1.distance }?
            .word
    }

    /// What to write instead of `word`.
    func hint(for word: String) -> String {
        nearest(to: word).map { "write \($0)" } ?? "use one of \(words.joined(separator: ", "))"
    }

    /// How many characters must be inserted, removed, replaced or swapped with their neighbour to get from one word to
    /// the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(
                    last[column] + (character == other ? 0 : 1),
                    last[column + 1] + 1,
                    current[column] + 1
                )
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
