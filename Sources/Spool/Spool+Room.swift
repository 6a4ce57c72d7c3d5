internal import GRDB
internal import Synchronization

/// What happens when room is short, and what is done about it in time.
extension Spool {
    /// Removes what is too old, and takes the reserve back where a disk that was full has room again.
    ///
    /// To be called every minute or so; short, and what is left to do is done by the next call.
    ///
    /// - Parameter now: In microseconds since 1970.
    /// - Throws: ``SpoolError`` with code `failed`.
    package func maintain(now: Int64) throws(SpoolError) {
        let isDiskFull = state.withLock { $0.ceiling != nil }
        if isDiskFull || !reserve.exists, reserve.canBeMade, reserve.make() { state.withLock { $0.ceiling = nil } }
        guard state.withLock({ $0.memory == nil }) else { return }
        let oldest = now - Int64(limits.age / .microseconds(1))
        let cursor = state.withLock(\.stateCursor)
        let next = try perform("remove what is old") { db in
            for _ in 0..<10 where try db.removeRecords(before: oldest, limit: 1_000) {}
            let horizon = max(oldest, try db.oldestTime() ?? oldest)
            return try db.removeStates(before: horizon, after: cursor, limit: 1_000)
        }
        state.withLock { $0.stateCursor = next }
    }

    /// How full the spool is.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func size() throws(SpoolError) -> SpoolSize {
        let (disk, memory, ceiling) = state.withLock { ($0.disk, $0.memory, $0.ceiling) }
        let bytes = try Self.look(on: memory ?? disk) { try $0.pageBytes() }
        guard memory == nil else {
            return SpoolSize(bytes: bytes, limit: Self.memoryLimit, isInMemory: true)
        }
        let beside = file.bytesBeside
        return SpoolSize(
            bytes: bytes + beside,
            limit: min(limits.bytes, ceiling.map { $0 + beside } ?? .max),
            isDiskFull: ceiling != nil
        )
    }

    /// The bytes that pages may use: the log, and what a transaction adds to it, have to have room beside them.
    var pageBudget: Int { limits.bytes - 2 * file.logLimit }

    /// The disk is full: its last room is used for getting along with what there is.
    func giveUpReserve() {
        let disk = state.withLock(\.disk)
        _ = reserve.release()
        try? disk.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        let bytes = (try? Self.look(on: disk) { try $0.pageBytes() }) ?? 0
        // Pages that are filled are not the only ones that an append touches.
        state.withLock { $0.ceiling = min($0.ceiling ?? .max, bytes - (64 << 10)) }
    }

    /// Makes room on a disk whose file cannot grow: in small steps, with the log put away after each, since the log is
    /// what there is no room for.
    ///
    /// - Throws: ``SpoolError`` with code `full` when nothing may go, or `failed`.
    func makeRoomOnFullDisk(_ size: Int, ceiling: Int) throws(SpoolError) {
        let disk = state.withLock(\.disk)
        while try Self.look(on: disk, { try $0.pageBytes() }) + size > ceiling {
            let removed = try perform("make room") { db in
                try db.removeOldest(includingWaiting: self.limits.whenFull == .dropOldest)
            }
            guard let removed else {
                if limits.whenFull == .dropNewest { throw .full }
                return
            }
            state.withLock { $0.untold.append(removed) }
            putLogAway(of: disk)
        }
        putLogAway(of: disk)
    }

    private func putLogAway(of disk: DatabaseQueue) {
        // Where somebody reads just now, the next time will do.
        try? disk.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
    }
}

extension Database {
    /// Appends a batch.
    func append(_ batch: SpoolBatch) throws -> Appended {
        try insert(batch.records)
        try insert(batch.changes)
        return Appended(last: try lastPosition())
    }

    /// Appends a batch, and removes first what has to go for it.
    ///
    /// - Parameter budget: The bytes that pages may use.
    func append(_ batch: SpoolBatch, within budget: Int, whenFull: SpoolLimits.WhenFull) throws -> Appended {
        let excess = try pageBytes() + batch.size - budget
        var removed: [ClosedRange<Int64>] = []
        if excess > 0 {
            // Some more than is needed, so that the next batches need not.
            let target = try pageBytes() - excess - budget / 64
            while try pageBytes() > target {
                guard let range = try removeOldest(includingWaiting: whenFull == .dropOldest) else {
                    if whenFull == .dropNewest, try pageBytes() + batch.size > budget { throw SpoolError.full }
                    break
                }
                removed.append(range)
            }
        }
        var appended = try append(batch)
        appended.removed = removed
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
