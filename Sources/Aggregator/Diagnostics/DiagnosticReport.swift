internal import Foundation

/// Everything found wrong so far.
///
/// Readers add to it and go on, so that an operator sees all mistakes at once.
struct DiagnosticReport: Equatable, Sendable {
    private var found: [Diagnostic] = []

    /// Sorted by file, line and column; in the order of their finding where they share a place.
    var diagnostics: [Diagnostic] {
        found.enumerated()
            .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
    }

    var isEmpty: Bool { found.isEmpty }

    var hasErrors: Bool {
        found.contains { $0.severity == .error }
    }

    /// How a command that can go no further ends: with a usage error when a flag is at fault.
    var exitStatus: CommandExit {
        let errors = found.filter { $0.severity == .error }
        if errors.isEmpty { return .ok }
        return errors.contains(where: \.position.isFlag) ? .usage : .configuration
    }

    mutating func error(_ code: Diagnostic.Code, at position: Position, _ message: String, hint: String) {
        found.append(
            Diagnostic(position: position, severity: .error, code: code, message: message, hint: hint)
        )
    }

    mutating func warning(_ code: Diagnostic.Code, at position: Position, _ message: String, hint: String) {
        found.append(
            Diagnostic(position: position, severity: .warning, code: code, message: message, hint: hint)
        )
    }

    mutating func add(_ diagnostic: Diagnostic) {
        found.append(diagnostic)
    }

    mutating func add(_ other: DiagnosticReport) {
        found += other.found
    }

    /// One line for each diagnostic.
    func text(colored: Bool) -> String {
        diagnostics.map { $0.text(colored: colored) + "\n" }.joined()
    }

    /// An array of objects with the keys file, line, column, severity, code, message and hint.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(diagnostics), as: UTF8.self) + "\n"
    }
}
