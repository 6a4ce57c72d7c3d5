/// Why the spool cannot be used, in words for the operator.
package struct SpoolError: Error, CustomStringConvertible, Sendable {
    package struct Code: Hashable, Sendable {
        private enum Kind: Hashable { case locked, unusable, failed }
        private let kind: Kind

        /// Another service uses the folder.
        package static let locked = Code(kind: .locked)
        /// The folder or the file cannot be opened or written at the start.
        package static let unusable = Code(kind: .unusable)
        /// SQLite could not do what was asked: disk full, disk failing.
        package static let failed = Code(kind: .failed)
    }

    package let code: Code
    package let message: String
    package let hint: String

    package init(code: Code, message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { "\(message); \(hint)" }
}
