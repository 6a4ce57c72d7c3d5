internal import GRDB
internal import Synchronization

/// What happens when room is short, and what is done about it in time.
extension Spool {
    /// Removes what is too old, and takes the reserve back where a disk that was full has room again.
    ///
    /// To be called every minute or so. In many short steps, so that appends have their turn in between; what is left after
    /// that is done by the next call.
    ///
    /// - Parameter now: In microseconds since 1970.
    /// - Throws: ``SpoolError`` with code `failed`.
    package func maintain(now: Int64) throws(SpoolError) {
        takeReserveBack()
        try noting { () throws(SpoolError) in
            try removeOld(now)
            try putLongLogAway()
        }
        noteSize()
    }

    private func removeOld(_ now: Int64) throws(SpoolError) {
        let database = state.withLock(\.current)
        let oldest = now - Int64(limits.age / .microseconds(1))
        let steps = 100
        for _ in 0..<steps {
            let isMore = try Self.perform("remove what is old", on: database) { db in
                try db.removeRecords(before: oldest, now: now, limit: 1_000)
            }
            guard isMore else { break }
        }
        var sweep = state.withLock { ($0.memory ?? $0.disk).sweep }
        for _ in 0..<steps {
            try Self.perform("remove what is old", on: database) { db in
                // Without records there is nothing but the age to go by.
                let horizon = try db.horizon(now: now)
                try db.removeStates(&sweep, before: min(now, max(oldest, horizon)), limit: 1_000)
            }
            if sweep.states == 0 { break }
        }
        state.withLock { state in
            if state.memory == nil { state.disk.sweep.states = sweep.states }
            state.memory?.sweep.states = sweep.states
        }
    }

    /// How full the spool is, as it was after the last append.
    ///
    /// Any thread, at once.
    package var lastSize: SpoolSize { state.withLock(\.size) }

    /// How full the spool is.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func size() throws(SpoolError) -> SpoolSize {
        let database = state.withLock(\.current)
        noteSize(pages: try Self.look(on: database) { try $0.pageBytes() })
        return lastSize
    }

    /// Remembers how full the spool is.
    ///
    /// - Parameter pages: The bytes of the pages in use; the default is to look.
    func noteSize(pages: Int? = nil) {
        let database = state.withLock(\.current)
        guard let pages = pages ?? (try? Self.look(on: database) { try $0.pageBytes() }) else { return }
        let beside = file.bytesBeside
        state.withLock { state in
            guard state.memory == nil else {
                state.size = SpoolSize(bytes: pages, limit: Self.memoryLimit, isInMemory: true)
                return
            }
            state.size = SpoolSize(
                bytes: pages + beside,
                limit: min(limits.bytes, state.ceiling.map { $0 + beside } ?? .max),
                isDiskFull: state.ceiling != nil,
                isLogHeld: beside > longLog
            )
        }
    }

    /// The bytes that pages may use: the log, and what a transaction adds to it, have to have room beside them.
    var pageBudget: Int { limits.bytes - 2 * file.logLimit }

    /// A disk that was full may have room again: then nothing has to go for it any more.
    func takeReserveBack() {
        let isDiskFull = state.withLock { $0.ceiling != nil }
        if isDiskFull || !reserve.exists, reserve.canBeMade, reserve.make() { state.withLock { $0.ceiling = nil } }
    }

    /// The disk is full: its last room is used for getting along with what there is.
    ///
    /// - Parameter database: The default is the one that records go to.
    func giveUpReserve(on database: DatabaseQueue? = nil) {
        let disk = database ?? state.withLock(\.disk.database)
        let isReleased = reserve.release()
        putLogAway(of: disk)
        guard let bytes = try? Self.look(on: disk, { try $0.pageBytes() }) else { return }
        state.withLock { state in
            guard isReleased || state.ceiling == nil else { return }
            // Pages that are filled are not the only ones that an append touches.
            state.ceiling = min(state.ceiling ?? .max, max(0, bytes - (64 << 10)))
        }
    }

    /// Makes room on a disk whose file cannot grow: in small steps, with the log put away after each, since the log is
    /// what there is no room for.
    ///
    /// - Throws: ``SpoolError`` with code `full` when nothing may go, or `failed`.
    func makeRoomOnFullDisk(_ size: Int, ceiling: Int, on disk: inout Store) throws(SpoolError) {
        while try Self.look(on: disk.database, { try $0.pageBytes() }) + size > ceiling {
            let made = try Self.perform("make room", on: disk.database) { db in
                try db.makeRoom(&disk.sweep, includingWaiting: self.limits.whenFull == .dropOldest)
            }
            if case .waiting(let range) = made { state.withLock { $0.untold.append(range) } }
            putLogAway(of: disk.database)
            guard made == .nothing else { continue }
            if limits.whenFull == .dropNewest { throw .full }
            return
        }
        putLogAway(of: disk.database)
    }

    /// The bytes that SQLite's log does not come to, unless somebody reads the database all the while: looking back in
    /// short pages was seen to make it ten times as long as it is meant to be.
    private var longLog: Int { 16 * file.logLimit }

    /// SQLite does this by itself, and says nothing where it cannot.
    private func putLongLogAway() throws(SpoolError) {
        let disk = state.withLock { $0.memory == nil ? $0.disk.database : nil }
        guard let disk, file.bytesBeside > longLog else { return }
        do {
            try disk.writeWithoutTransaction { db in
                // This waits for nobody, however long they read; and without them there is nobody to wait for.
                let (frames, done) = try db.checkpoint(.passive)
                if done == frames { try db.checkpoint(.truncate) }
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return
        } catch {
            throw SpoolError("put its log away", error)
        }
    }

    func putLogAway(of disk: DatabaseQueue) {
        // Where somebody reads just now, the next time will do.
        try? disk.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
    }
}

extension Database {
    /// Appends a batch.
    func append(_ batch: SpoolBatch, known: inout KnownObjects) throws -> Appended {
        try insert(batch.records)
        try insert(batch.changes, known: &known)
        return Appended(last: try lastPosition())
    }

    /// Appends a batch, and removes first what has to go for it.
    ///
    /// - Parameter budget: The bytes that pages may use.
    /// - Returns: With what was removed even where the batch is refused.
    func append(
        _ batch: SpoolBatch,
        within budget: Int,
        whenFull: SpoolLimits.WhenFull,
        store: inout Spool.Store
    ) throws -> Appended {
        var pages = try pageBytes()
        var removed: [ClosedRange<Int64>] = []
        if pages + batch.size > budget {
            // Some more than is needed, so that the next batches need not.
            let target = budget - batch.size - budget / 64
            making: while pages > target {
                switch try makeRoom(&store.sweep, includingWaiting: whenFull == .dropOldest) {
                case .settled: break
                case .waiting(let range): removed.append(range)
                case .nothing: break making
                }
                pages = try pageBytes()
            }
        }
        guard whenFull == .dropOldest || pages + batch.size <= budget else {
            var refused = Appended(last: try lastPosition(), removed: removed)
            refused.isRefused = true
            return refused
        }
        var appended = try append(batch, known: &store.known)
        appended.removed = removed
        appended.pageBytes = pages + batch.size
        return appended
    }

    func waiting(after position: Int64? = nil) throws -> Int {
        let position = try position ?? watermark()
        let all = try Int.fetchOne(self, sql: "SELECT count(*) FROM record WHERE position > ?", arguments: [position])
        let ahead = try Int.fetchOne(
            self,
            sql: """
                SELECT count(*) FROM settled JOIN record ON record.position BETWEEN max(first, ?1 + 1) AND last
                WHERE last > ?1
                """,
            arguments: [position]
        )
        return (all ?? 0) - (ahead ?? 0)
    }
}
