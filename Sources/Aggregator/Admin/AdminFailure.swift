/// Why a request was not answered with what it asked for.
struct AdminFailure: Error, Equatable, Sendable {
    /// The HTTP status.
    let status: Int

    /// What kind of failure it is; the words are a contract with scripts.
    let code: Code
    let message: String

    /// What to do about it.
    let hint: String

    /// The methods that the path has, for a status of 405.
    var allow: [String] = []

    /// What is wrong with the inventory, for a reload.
    var diagnostics: [Diagnostic] = []

    enum Code: String, CaseIterable, Codable, Sendable {
        case notFound = "not-found"
        case unknownHost = "unknown-host"
        case methodNotAllowed = "method-not-allowed"
        case bodyTooLarge = "body-too-large"
        case invalidBody = "invalid-body"
        case invalidQuery = "invalid-query"
        case invalidInventory = "invalid-inventory"
        case notStored = "not-stored"
        case replayRunning = "replay-running"
        case notReadable = "not-readable"
        case diskSilent = "disk-silent"
    }

    static func invalidBody(_ message: String, hint: String) -> AdminFailure {
        AdminFailure(status: 400, code: .invalidBody, message: message, hint: hint)
    }

    static func invalidQuery(_ message: String, hint: String) -> AdminFailure {
        AdminFailure(status: 400, code: .invalidQuery, message: message, hint: hint)
    }
}

/// A failure as it is sent: `{"error": {"code", "message", "hint"}}`, and the diagnostics beside it.
struct AdminFailureView: Codable {
    struct Details: Codable {
        let code: String
        let message: String
        let hint: String
    }

    let error: Details
    var diagnostics: [DiagnosticView]?

    init(_ failure: AdminFailure) {
        error = Details(code: failure.code.rawValue, message: failure.message, hint: failure.hint)
        diagnostics = failure.diagnostics.isEmpty ? nil : failure.diagnostics.map(DiagnosticView.init)
    }
}

/// A diagnostic as it is sent.
struct DiagnosticView: Codable, Equatable {
    let file: String
    let line: Int
    let column: Int
    let severity: String
    let code: String
    let message: String
    let hint: String

    init(_ diagnostic: Diagnostic) {
        file = diagnostic.position.file
        line = diagnostic.position.line
        column = diagnostic.position.column
        severity = diagnostic.severity.rawValue
        code = diagnostic.code.rawValue
        message = diagnostic.message
        hint = diagnostic.hint
    }

    /// The line an operator reads.
    var text: String {
        "\(file):\(line):\(column): \(severity): \(message); \(hint)".printable
    }
}
