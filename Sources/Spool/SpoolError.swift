internal import GRDB

/// Why the spool cannot be used, in words for the operator.
package struct SpoolError: Error, CustomStringConvertible, Sendable {
    package struct Code: Hashable, Sendable {
        private enum Kind: Hashable { case locked, unusable, full, failed }
        private let kind: Kind

        /// Another service uses the folder.
        package static let locked = Code(kind: .locked)
        /// The folder or the file cannot be opened or written at the start.
        package static let unusable = Code(kind: .unusable)
        /// There is no room, and what came last is what has to give way.
        package static let full = Code(kind: .full)
        /// SQLite could not do what was asked: disk full, disk failing.
        package static let failed = Code(kind: .failed)
    }

    package let code: Code
    package let message: String
    package let hint: String

    /// Whether it is the file system that has no room.
    let isDiskFull: Bool

    /// Whether the database is damaged, or was not to be read, which may be the same.
    let isDoubt: Bool

    package init(
        code: Code,
        message: String,
        hint: String,
        isDiskFull: Bool = false,
        isDoubt: Bool = false
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.isDiskFull = isDiskFull
        self.isDoubt = isDoubt
    }

    /// What SQLite says of an operation.
    init(_ operation: String, _ error: any Error) {
        if let error = error as? SpoolError {
            self = error
            return
        }
        let isDamage = (error as? DatabaseError)?.isDamage == true
        let isUnreadable = (error as? DatabaseError)?.isFailedRead == true
        self.init(
            code: .failed,
            message: "the spool cannot \(operation): \(error)",
            hint: isDamage
                ? "check the disk: the service puts aside a database in which it meets damage" : "check the disk",
            isDiskFull: (error as? DatabaseError)?.resultCode == .SQLITE_FULL,
            isDoubt: isDamage || isUnreadable
        )
    }

    static let full = SpoolError(
        code: .full,
        message: "the spool is full of events that have not been sent",
        hint: "look why the bus takes none, or raise spool.max_bytes"
    )

    package var description: String { "\(message); \(hint)" }
}
