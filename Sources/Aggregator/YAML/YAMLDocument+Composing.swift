internal import Yams

extension YAMLDocument {
    /// How often a document is read again because a key stands in it twice.
    ///
    /// Yams gives up at the first mapping with such a key, and names the first of the two. To report it like any other
    /// mistake, that first key is renamed in the text, and the text is read again.
    private static let duplicateLimit = 20

    /// The first private-use character; a renamed key begins with one, so it is like no other.
    private static let renamed = 0xE000

    /// The document's root and what is needed to convert it.
    func composed(_ text: String) throws -> (root: Node?, converter: YAMLConverter) {
        var text = text
        var originals: [Position: Character] = [:]
        while true {
            do {
                // Without rules every plain scalar is text. It also makes comparing keys cheap.
                let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
                return (root, YAMLConverter(file: file, renamed: originals))
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let position = Position(file: file, line: context.mark.line, column: context.mark.column)
                guard originals.count < Self.duplicateLimit, originals[position] == nil,
                    let key = keys.first, let first = key.first,
                    let index = Self.index(of: key, at: context.mark, in: text),
                    let substitute = Unicode.Scalar(Self.renamed + originals.count)
                else { throw YamlError.duplicatedKeysInMapping(duplicates: keys, context: context) }
                originals[position] = first
                text.replaceSubrange(index...index, with: String(Character(substitute)))
            }
        }
    }

    /// Where the key that begins at a mark has its first character, if it is written there as it reads.
    private static func index(of key: String, at mark: Mark, in text: String) -> String.Index? {
        let lines = text.split(
            maxSplits: mark.line - 1,
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
        guard lines.count == mark.line, var rest = lines.last else { return nil }
        rest = rest.dropFirst(mark.column - 1)
        if rest.first == "\"" || rest.first == "'" { rest = rest.dropFirst() }
        return rest.hasPrefix(key) ? rest.startIndex : nil
    }
}
