internal import GRDB
internal import GRDBSQLite
internal import Glibc

/// Telling damage from a disk that cannot be read just now: SQLite has one word for both.
extension SpoolFile {
    /// How long a disk may refuse to be read before that counts as damage, in seconds.
    static let patience = 300

    /// A file that is made when the database cannot be read, and goes when it can be.
    private var unreadable: String { path + ".unreadable" }

    /// Reads every byte of the database and of its log, whatever they mean.
    ///
    /// - Returns: Whether that can be done; `false` = it could not for ``patience`` by now.
    /// - Throws: ``SpoolError`` with code `unusable`: not at the moment, and perhaps in the next.
    func isReadable() throws(SpoolError) -> Bool {
        guard !(canReadDatabase && canReadLog) else {
            wasReadable()
            return true
        }
        let mark = Glibc.open(unreadable, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if mark >= 0 { close(mark) }
        var entry = stat()
        if stat(unreadable, &entry) == 0, time(nil) - entry.st_mtim.tv_sec >= Self.patience { return false }
        throw SpoolError(
            code: .unusable,
            message: "the disk does not let \(path) be read",
            hint: "check the disk: a database that cannot be read for five minutes is put aside"
        )
    }

    /// Whatever could not be read, it could be since.
    func wasReadable() {
        unlink(unreadable)
    }

    /// Through SQLite's own file: to close another one would take away the locks that SQLite has on it.
    private var canReadDatabase: Bool {
        var connection: OpaquePointer?
        defer { sqlite3_close(connection) }
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
            sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
            let file, let methods = file.pointee.pMethods?.pointee
        else { return false }
        var size: sqlite3_int64 = 0
        guard methods.xFileSize(file, &size) == SQLITE_OK else { return false }
        var bytes = [UInt8](repeating: 0, count: 256 << 10)
        for offset in stride(from: 0, to: size, by: bytes.count) {
            let count = CInt(min(sqlite3_int64(bytes.count), size - offset))
            guard methods.xRead(file, &bytes, count, offset) == SQLITE_OK else { return false }
        }
        return true
    }

    /// Nobody locks that one.
    private var canReadLog: Bool {
        let log = Glibc.open(path + "-wal", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard log >= 0 else { return errno == ENOENT }
        defer { close(log) }
        var bytes = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(log, &bytes, bytes.count)
            guard count > 0 else { return count == 0 }
        }
    }
}

extension Database {
    /// Looks at what is to be sent, and at what a service needs to start: damage may be where nothing has looked yet.
    ///
    /// - Throws: `DatabaseError` when it is damaged.
    func lookAtWhatIsNeeded() throws {
        try lookAtPositions()
        try lookAtLatest()
        _ = (try latestChanges(), try storedHorizon())
        _ = (try hearings(), try identities(), try pauses(), try givenUp())
        try lookAtRecords(watermark() + 1 ... .max)
    }

    /// Looks whether what is latest of each object is there: else the object would look as if it had never been.
    ///
    /// - Throws: `DatabaseError` when it is damaged.
    func lookAtLatest() throws {
        let select = """
            SELECT EXISTS (
                SELECT 1 FROM latest LEFT JOIN state ON state.id = latest.state
                WHERE latest.state <> 0 AND state.id IS NULL
            )
            """
        if try Bool.fetchOne(self, sql: select) ?? true { throw DatabaseError.damage("an object has lost its state") }
    }

    /// Looks whether records have all that each of them has.
    ///
    /// - Throws: `DatabaseError` when they are damaged.
    func lookAtRecords(_ range: ClosedRange<Int64>) throws {
        // Of a column alone SQLite would not look whether it is NULL where it may not be.
        let select = try cachedStatement(
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM record WHERE position BETWEEN ? AND ? AND (time + length(host) + length(object)
                        + length(kind) + length(subject) + length(key) + length(bytes)) IS NULL
                )
                """
        )
        let isDamaged = try Bool.fetchOne(select, arguments: [range.lowerBound, range.upperBound])
        if isDamaged ?? true { throw DatabaseError.damage("a record lacks something") }
    }

    /// Looks at every page.
    ///
    /// - Throws: `DatabaseError` when one is damaged.
    func lookForDamage() throws {
        let found = try String.fetchOne(self, sql: "PRAGMA integrity_check(1)")
        if let found, found != "ok" { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: found) }
    }
}

extension DatabaseError {
    /// Whether the file is no database, or its pages contradict each other; or one of them could not be read.
    ///
    /// No statement of ours breaks a rule of the tables, unless what is there does.
    var isDamage: Bool { [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT].contains(resultCode) }

    /// Whether a page could not be read, in another way than SQLite takes for damage; what memory or locks lack is none.
    var isFailedRead: Bool {
        [.SQLITE_IOERR_READ, .SQLITE_IOERR_SHORT_READ, .SQLITE_IOERR_CORRUPTFS].contains(extendedResultCode)
    }
}
