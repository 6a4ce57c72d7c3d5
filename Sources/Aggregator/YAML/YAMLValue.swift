/// A YAML value and the place it was written at.
///
/// Scalars stay text: what a text means is for the reader of its key to say.
struct YAMLValue: Sendable {
    enum Content: Sendable {
        /// `isPlain` is false for text in quotes and for block text.
        case scalar(String, isPlain: Bool)
        case list([YAMLValue])
        case mapping([YAMLEntry])
    }

    let position: Position
    let content: Content

    /// Nothing was written, or one of YAML's words for nothing.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What stands there, as a message names it.
    var found: String {
        switch content {
        case _ where isNull: "nothing"
        case .scalar(let text, _): text.quoted
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// One `key: value` of a mapping.
struct YAMLEntry: Sendable {
    let key: String

    /// Where the key stands.
    let position: Position
    let value: YAMLValue
}
