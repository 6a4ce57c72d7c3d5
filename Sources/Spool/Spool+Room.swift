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
        return SpoolSize(
            bytes: bytes + file.bytesBeside,
            limit: min(limits.bytes, ceiling ?? .max),
            isDiskFull: ceiling != nil
        )
    }

    /// The disk is full: its last room is used for getting along with what there is.
    func giveUpReserve() {
        let disk = state.withLock(\.disk)
        _ = reserve.release()
        try? disk.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        let bytes = (try? Self.look(on: disk) { try $0.pageBytes() }) ?? 0
        // What is beside the pages has its room in what the reserve held.
        state.withLock { $0.ceiling = min($0.ceiling ?? .max, bytes) }
    }
}

extension Database {
    /// Appends a batch, and removes first what has to go for it.
    ///
    /// - Parameters:
    ///   - budget: The bytes that there may be.
    ///   - beside: Of these, what is not in pages.
    func append(
        _ batch: SpoolBatch,
        within budget: Int,
        beside: Int,
        whenFull: SpoolLimits.WhenFull
    ) throws -> Appended {
        let excess = try pageBytes() + beside + batch.size - budget
        var removed: [ClosedRange<Int64>] = []
        if excess > 0 {
            // Some more than is needed, so that the next batches need not.
            let room = try makeRoom(excess + budget / 64, droppingWaiting: whenFull == .dropOldest)
            guard room.isEnough || whenFull == .dropOldest else { throw SpoolError.full }
            removed = room.removed
        }
        try insert(batch.records)
        try insert(batch.changes)
        return Appended(last: try lastPosition(), removed: removed)
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
