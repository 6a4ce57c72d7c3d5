/// What is to be said of an event's texts: where they stand, as JSON pointers into its data.
package struct TextMarks: Hashable, Sendable {
    /// Texts that were cut, and lists of which the end is missing.
    package var truncated: [String] = []

    /// Texts that are dangerous where somebody puts them into a template, a terminal or a line of text; see
    /// ``Swift/String/isUnsafe``.
    package var unsafe: [String] = []

    package init(truncated: [String] = [], unsafe: [String] = []) {
        self.truncated = truncated
        self.unsafe = unsafe
    }

    package static func + (left: TextMarks, right: TextMarks) -> TextMarks {
        TextMarks(truncated: left.truncated + right.truncated, unsafe: left.unsafe + right.unsafe)
    }
}
