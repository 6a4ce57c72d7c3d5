internal import GRDB
internal import Glibc

/// The file of the spool's database, and what is done with one that is damaged.
struct SpoolFile {
    let path: String
    let durability: Spool.Durability
    let limits: SpoolLimits

    /// The bytes that SQLite's log may have, about: it is put into the database when it is as long as this.
    ///
    /// 4 MiB, which are some 7,000 events; less where there is little room, but not less than one transaction takes.
    var logLimit: Int {
        let room = min(limits.bytes, SpoolReserve.total(at: path))
        return max(256 << 10, min(4 << 20, room / 32))
    }

    /// Where it is.
    var folder: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "." }

    /// The bytes of what SQLite keeps beside the database.
    var bytesBeside: Int {
        ["-wal", "-shm"].reduce(0) { sum, tail in
            var entry = stat()
            return sum + (stat(path + tail, &entry) == 0 ? Int(entry.st_size) : 0)
        }
    }

    /// An open database.
    struct Opened {
        let database: DatabaseQueue

        /// The position of the last record in it.
        let last: Int64

        /// The file that it is in.
        let identity: Identity?

        /// Where a damaged one was put, of which not all is in it yet; see ``SpoolFile/forgetAside()``.
        let movedAside: String?

        /// Whether somebody was interrupted who put into it what could be read of another one.
        let isUnfinished: Bool
    }

    /// Opens the database with its tables as they are now.
    ///
    /// A service that steers a data centre had better begin with an empty journal than not at all: what is damaged is
    /// kept beside it, for whoever wants to look. What cannot be read just now is none.
    ///
    /// - Parameter doubted: A file in which damage was met: all of it is looked at if it is still there. The default is
    ///   none.
    /// - Throws: ``SpoolError`` with code `unusable`.
    func open(doubting doubted: Identity? = nil) throws(SpoolError) -> Opened {
        do {
            do {
                return try openedAsItIs(doubting: doubted)
            } catch let error as DatabaseError where error.isDamage || error.resultCode == .SQLITE_IOERR {
                guard try isReadable() else { return try openedAnew() }
            }
            do {
                return try openedAsItIs(doubting: doubted)
            } catch let error as DatabaseError where error.isDamage {
                return try openedAnew()
            }
        } catch let error as SpoolError {
            throw error
        } catch {
            throw SpoolError(
                code: .unusable,
                message: "cannot open \(path): \(error)",
                hint: "check the folder's owner and the disk, or set spool.path"
            )
        }
    }

    private func openedAnew() throws -> Opened {
        let opened = try opened(movedAside: try moveAside())
        wasReadable()
        return opened
    }

    private func openedAsItIs(doubting doubted: Identity?) throws -> Opened {
        let isDoubted = doubted != nil && doubted == identity
        let opened = try opened(movedAside: try leftAside())
        if isDoubted { try opened.database.read { try $0.lookForDamage() } }
        wasReadable()
        return opened
    }

    private func opened(movedAside: String?) throws -> Opened {
        let database = try make()
        let (last, isUntouched, isUnfinished) = try database.read { db in
            (try db.lastPosition(), try db.isUntouched(), try db.isUnfinished())
        }
        // What is in use has all that it was to have; and who removes it on purpose does not want another one's.
        if !isUntouched && !isUnfinished { forgetAside() }
        return Opened(
            database: database,
            last: last,
            identity: identity,
            movedAside: isUntouched || isUnfinished ? movedAside : nil,
            isUnfinished: isUnfinished
        )
    }

    private func make() throws -> DatabaseQueue {
        try touch()
        var configuration = Configuration()
        configuration.label = "aggregator.spool"
        // Somebody who looks into it with tools of their own holds us up no longer than this.
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { [durability, logLimit] db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = \(durability == .power ? "FULL" : "NORMAL")")
            try db.execute(sql: "PRAGMA journal_size_limit = \(logLimit)")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(logLimit / 4_096)")
            // SQLite's own 2 MB hold less than what goes into the log between two checkpoints, and are read back.
            try db.execute(sql: "PRAGMA cache_size = -8192")
        }
        let database = try DatabaseQueue(path: path, configuration: configuration)
        let migrator = SpoolSchema.migrator { [path] in SpoolReserve.free(at: path) > $0 }
        guard try !database.read(migrator.hasBeenSuperseded) else { throw madeLater }
        try migrator.migrate(database)
        try database.read { try $0.lookAtWhatIsNeeded() }
        return database
    }
}
