internal import GRDB
internal import Glibc

/// Looks back into a spool: what was heard, and what things were then.
///
/// Works beside the service and without it, on a read-only connection of its own and without the spool's lock. Each call
/// is one short transaction: one that lasts keeps the service from using its write-ahead log again from the start, and
/// that grows until it ends. Of short ones without a pause there is always one, so each makes a pause while the log is
/// long. All methods block for the time of a disk access, and of that pause; any thread.
package final class SpoolHistory: Sendable {
    /// How many records, or objects, one transaction looks at.
    ///
    /// Some milliseconds; in which a flood appends a few hundred records.
    package static let pageSize = 2_000

    /// How many bytes of events one page gives; the largest one is whole all the same.
    static let pageBytes = 4 << 20

    /// The log that the service means to have is at most 4 MiB; a longer one waits for a moment without readers.
    private static let logLength = 4 << 20

    /// Some commits of a flood, each of which may find that moment.
    private static let pause: UInt32 = 20_000

    private let folder: String
    private let path: String
    private let database: DatabaseQueue
    private let mark: SpoolMark

    /// Opens the spool in a folder.
    ///
    /// The user must be able to read it, and to write into its folder when no service runs: SQLite keeps its index of the
    /// write-ahead log there, and gives it to the database's owner.
    ///
    /// - Parameters:
    ///   - runDir: Where the service that uses it notes that records are in memory. The default is `nil`, and then only the
    ///     folder's own mark tells.
    ///   - boot: Which boot of the machine this is. The default is its present one.
    /// - Throws: ``SpoolError`` with code `unusable` when there is none, or none that this user and this version can read.
    package init(
        folder: String,
        runDir: String? = nil,
        boot: String = Spool.thisBoot
    ) throws(SpoolError) {
        self.folder = folder
        mark = SpoolMark(folder: folder, runDir: runDir, boot: boot)
        path = "\(folder)/spool.sqlite"
        // Looked at by its name, and never opened here: closing a file takes a process's locks on it away, SQLite's too.
        guard access(path, R_OK) == 0 else { throw Self.inaccessible(path, folder: folder, code: errno) }
        var configuration = Configuration()
        configuration.label = "aggregator.history"
        configuration.readonly = true
        // While a service starts or ends, it has the database for itself for a moment.
        configuration.busyMode = .timeout(5)
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw Self.unreadable(path, error)
        }
        let isCurrent = try read { db in try SpoolSchema.migrator().hasCompletedMigrations(db) }
        guard isCurrent else {
            throw SpoolError(
                code: .unusable,
                message: "\(path) was left by an earlier version, and has no history yet",
                hint: "start the service once, which brings it up"
            )
        }
    }

    /// What there is at this moment.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func span() throws(SpoolError) -> SpoolSpan {
        try read { db in
            // Whatever they say is to be right together.
            try db.lookAtPositions()
            let watermark = try db.watermark()
            let record = try Row.fetchOne(db, sql: "SELECT position, time FROM record ORDER BY position LIMIT 1")
            let first: Int64? = try record?.value(0)
            guard first ?? 1 > 0 else { throw DatabaseError.damage("a record is not where it belongs") }
            return SpoolSpan(
                first: first,
                last: first == nil ? nil : try db.lastRecord(),
                oldest: try record?.value(1),
                horizon: try db.storedHorizon(),
                watermark: watermark,
                isOldestSettled: first.map { $0 <= watermark } ?? false
            )
        }
    }

    /// Whether a service uses the spool now, as far as can be told.
    package var isInUse: Bool { SpoolLock.isHeld(in: folder) }

    /// Whether a service uses it that keeps what it hears in memory alone, as far as can be told.
    package var isBehind: Bool { isInUse && !mark.holds }

    /// Runs `body` in one transaction; SQLite's error becomes ours.
    func read<Value>(_ body: (Database) throws -> Value) throws(SpoolError) -> Value {
        defer { if logLength > Self.logLength { usleep(Self.pause) } }
        do {
            return try database.read(body)
        } catch {
            throw Self.unreadable(path, error)
        }
    }

    private var logLength: Int {
        var entry = stat()
        return stat(path + "-wal", &entry) == 0 ? Int(entry.st_size) : 0
    }

    private static func inaccessible(_ path: String, folder: String, code: Int32) -> SpoolError {
        switch code {
        case ENOENT, ENOTDIR:
            SpoolError(
                code: .unusable,
                message: "there is no spool in \(folder)",
                hint: "give the service's spool.path, with --spool-path or --config; it is made when the service starts"
            )
        case EACCES, EPERM:
            SpoolError(
                code: .unusable,
                message: "this user may not read \(path)",
                hint: "run the command as the user the service runs as"
            )
        default:
            SpoolError(
                code: .unusable,
                message: "cannot read \(path): \(String(cString: strerror(code)))",
                hint: "check the disk, or give another spool.path"
            )
        }
    }

    private static func unreadable(_ path: String, _ error: any Error) -> SpoolError {
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            SpoolError(
                code: .failed,
                message: "\(path) is damaged: \(error)",
                hint: "the service puts it aside when it starts, and begins anew"
            )
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            SpoolError(
                code: .unusable,
                message: "cannot read \(path): \(error)",
                hint:
                    "run the command as the user the service runs as; while it does not run, its folder must be writable"
            )
        case .SQLITE_BUSY:
            SpoolError(code: .failed, message: "\(path) is in use: \(error)", hint: "try again in a moment")
        default:
            SpoolError(code: .failed, message: "cannot read \(path): \(error)", hint: "check the disk")
        }
    }
}

/// From where to where the kept records reach.
package struct SpoolSpan: Hashable, Sendable {
    /// The position of the oldest record; `nil` when there is none.
    package let first: Int64?

    /// The position of the newest.
    package let last: Int64?

    /// When the oldest was observed, in microseconds since 1970.
    package let oldest: Int64?

    /// States from before this time may have been removed, in microseconds since 1970; 0 = none has been.
    package let horizon: Int64

    /// Everything up to this position is settled.
    package let watermark: Int64

    /// Whether the oldest record is, so that nothing younger has been removed for its age.
    package let isOldestSettled: Bool
}
