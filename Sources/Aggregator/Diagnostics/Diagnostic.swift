/// One thing wrong with the configuration: where, what, and what to write instead.
struct Diagnostic: Hashable, Sendable {
    enum Severity: String, Encodable, Sendable {
        /// The configuration cannot be used.
        case error

        /// It can be used, but hardly does what was meant.
        case warning
    }

    /// What kind of mistake it is; the words are a contract with scripts that read `--json`.
    enum Code: String, CaseIterable, Encodable, Sendable {
        case unreadableFile = "unreadable-file"
        case fileTooLarge = "file-too-large"
        case invalidText = "invalid-text"
        case yamlSyntax = "yaml-syntax"
        case yamlAliases = "yaml-aliases"
        case duplicateKey = "duplicate-key"
        case unknownKey = "unknown-key"
        case wrongType = "wrong-type"
        case missingValue = "missing-value"
        case invalidValue = "invalid-value"
        case invalidName = "invalid-name"
        case noHosts = "no-hosts"
        case duplicateHost = "duplicate-host"
        case tooManyFiles = "too-many-files"
        case tooManyHosts = "too-many-hosts"
        case duplicateURI = "duplicate-uri"
        case duplicateTag = "duplicate-tag"
        case silentFilter = "silent-filter"
        case newerThanLibrary = "newer-than-library"
        case conflictingValues = "conflicting-values"
        case unusedKey = "unused-key"
        case noVerification = "no-verification"
        case clearText = "clear-text"
        case unlikelyValue = "unlikely-value"
        case exposedKey = "exposed-key"
        case notAllowed = "not-allowed"
    }

    let position: Position
    let severity: Severity
    let code: Code

    /// What is wrong, without a full stop.
    let message: String

    /// What to write instead.
    let hint: String
}

extension Diagnostic: CustomStringConvertible {
    /// The line an operator reads: `FILE:LINE:COL: error: what; what to write instead`.
    var description: String { text(colored: false) }

    /// The line an operator reads; colour is for terminals only.
    func text(colored: Bool) -> String {
        let word = colored ? "\u{1B}[1;\(severity == .error ? 31 : 33)m\(severity)\u{1B}[0m" : severity.rawValue
        return "\(position.description.printable): \(word): \(message.printable); \(hint.printable)"
    }
}

extension Diagnostic: Encodable {
    private enum Key: String, CodingKey {
        case file, line, column, severity, code, message, hint
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(position.file, forKey: .file)
        try container.encode(position.line, forKey: .line)
        try container.encode(position.column, forKey: .column)
        try container.encode(severity, forKey: .severity)
        try container.encode(code, forKey: .code)
        try container.encode(message, forKey: .message)
        try container.encode(hint, forKey: .hint)
    }
}
