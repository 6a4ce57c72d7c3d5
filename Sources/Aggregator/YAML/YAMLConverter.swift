internal import Yams

/// Turns Yams' nodes into ``YAMLValue``s.
///
/// It bounds what aliases can unfold to, in depth and in number.
struct YAMLConverter {
    /// Why a document that is YAML is of no use all the same.
    struct Failure: Error {
        let code: Diagnostic.Code
        let position: Position
        let message: String
        let hint: String
    }

    let file: String

    /// The first characters that keys had before they were renamed; see ``YAMLDocument/composed(_:)``.
    let renamed: [Position: Character]

    private var count = 0
    private var depth = 0

    init(file: String, renamed: [Position: Character]) {
        self.file = file
        self.renamed = renamed
    }

    mutating func value(of node: Node) throws -> YAMLValue {
        let position = position(of: node)
        count += 1
        guard count <= YAMLDocument.valueLimit else {
            throw Failure(
                code: .yamlAliases,
                position: position,
                message: "more than \(YAMLDocument.valueLimit) values, with what aliases unfold to",
                hint: "write less with aliases; what all hosts share belongs under defaults"
            )
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= YAMLDocument.depthLimit else {
            throw Failure(
                code: .yamlSyntax,
                position: position,
                message: "nested deeper than \(YAMLDocument.depthLimit) levels",
                hint: "no key needs more than a few"
            )
        }
        let content: YAMLValue.Content =
            switch node {
            case .scalar(let scalar):
                .scalar(scalar.string, isPlain: scalar.style == .plain && scalar.tag.description.isEmpty)
            case .sequence(let items): .list(try items.map { try value(of: $0) })
            case .mapping(let pairs): .mapping(try pairs.map { try entry(key: $0.key, value: $0.value) })
            // Only nodes made for writing hold one; the parser puts what it stands for in its place.
            case .alias: .scalar("", isPlain: true)
            }
        return YAMLValue(position: position, content: content)
    }

    private mutating func entry(key: Node, value: Node) throws -> YAMLEntry {
        let position = position(of: key)
        guard case .scalar(let scalar) = key else {
            throw Failure(
                code: .wrongType,
                position: position,
                message: "a key is a word, found a list or a mapping",
                hint: "put text that begins with { or [ in quotes"
            )
        }
        let text = renamed[position].map { String($0) + scalar.string.dropFirst() } ?? scalar.string
        return YAMLEntry(key: text, position: position, value: try self.value(of: value))
    }

    private func position(of node: Node) -> Position {
        Position(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }
}
