internal import GRDB

/// How far making room has come, so that no step looks again at what the one before has dealt with.
struct SpoolSweep: Sendable {
    /// Settled records beyond the watermark are gone up to here.
    var settled: Int64 = 0

    /// The row of the states where the next look begins.
    var states: Int64 = 0

    /// Whether this goes to the disk later on, which has what was before.
    var isInMemory = false

    /// Whether what is gone is of use, however long, while there is room: in memory, where the disk has it as it was.
    var keepsEnds = false
}

/// What the database takes of the disk, and making it less.
extension Database {
    /// The bytes of the pages in use.
    func pageBytes() throws -> Int {
        let pages = try Int.fetchOne(try cachedStatement(sql: "PRAGMA page_count")) ?? 0
        let free = try Int.fetchOne(try cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
        return (pages - free) * (try pageSize())
    }

    private func pageSize() throws -> Int {
        try Int.fetchOne(try cachedStatement(sql: "PRAGMA page_size")) ?? 4_096
    }

    /// What a step of making room came to.
    enum RoomMade: Equatable {
        /// Something that nobody waits for.
        case settled

        /// Records that waited, with what was settled between them.
        case waiting(ClosedRange<Int64>)

        /// There is nothing that may go.
        case nothing
    }

    /// Removes some pages' worth: copies that were told again and are settled, or the oldest records if they are settled, or
    /// those settled beyond the watermark, or states from before the oldest record, or else, if that is allowed, the oldest
    /// records that wait.
    func makeRoom(_ sweep: inout SpoolSweep, includingWaiting: Bool) throws -> RoomMade {
        let first = try Int64.fetchOne(try cachedStatement(sql: "SELECT min(position) FROM record"))
        let watermark = try watermark()
        if try removeCopies(through: watermark) { return .settled }
        if let first, first <= watermark {
            try removeFirst(first...min(watermark, first + 63))
            try removeStates(&sweep, before: try horizon(), limit: 128)
            return .settled
        }
        if try removeSettledAhead(&sweep) { return .settled }
        let before = totalChangesCount
        try removeStates(&sweep, before: try horizon(), limit: 2_048)
        if totalChangesCount - before > 64 { return .settled }
        if sweep.keepsEnds {
            // What ends here must not push out what waits; nor, by and by, take more room than there is. When it ended is
            // not known any more then, only that it did.
            (sweep.keepsEnds, sweep.states) = (false, 0)
            return .settled
        }
        guard includingWaiting, let first else { return .nothing }
        let last = try lastPosition()
        guard first <= last else { throw DatabaseError.damage("there are records beyond the last one") }
        let range = first...min(last, first + 63)
        try noteGivenUp(range)
        try removeFirst(range)
        return .waiting(range)
    }

    /// Removes some of the copies: nothing looks back at them, and what they repeat must not have to go for them.
    ///
    /// One that can never be sent is shown among the dead, and goes like the others.
    private func removeCopies(through watermark: Int64) throws -> Bool {
        let delete = try cachedStatement(
            sql: """
                DELETE FROM record WHERE position IN (
                    SELECT position FROM record INDEXED BY copy
                    WHERE replay_of IS NOT NULL AND position <= ? AND position NOT IN (SELECT position FROM dead_letter)
                    ORDER BY position LIMIT 64
                )
                """
        )
        try delete.execute(arguments: [watermark])
        return changesCount > 0
    }

    /// Removes some of the records that are settled beyond the watermark.
    private func removeSettledAhead(_ sweep: inout SpoolSweep) throws -> Bool {
        let select = try cachedStatement(
            sql: """
                SELECT record.position FROM settled JOIN record ON record.position BETWEEN settled.first AND settled.last
                WHERE settled.first >= (SELECT coalesce(max(first), 0) FROM settled WHERE first <= :from)
                    AND record.position > :from
                ORDER BY settled.first, record.position LIMIT 512
                """
        )
        let positions = try Int64.fetchAll(select, arguments: ["from": sweep.settled])
        for position in positions { try remove(position...position) }
        // From the beginning, next time: what was settled late is behind.
        sweep.settled = positions.last ?? 0
        return !positions.isEmpty
    }

    /// Removes what was observed before `time` and is settled, oldest first, at most `limit` records.
    ///
    /// - Parameter now: What is stamped later than that is as old as what came after it.
    /// - Returns: Whether there may be more.
    func removeRecords(before time: Int64, now: Int64, limit: Int) throws -> Bool {
        // Of the first of them, everything up to the last that is old: a clock that went wrong for a while may have
        // stamped others in between.
        let end = try Int64.fetchOne(
            self,
            sql: """
                SELECT max(position) FROM (
                    SELECT position, time FROM record
                    WHERE position >= ? AND position <= (SELECT position FROM watermark)
                    ORDER BY position LIMIT ?
                ) WHERE time < ?
                """,
            arguments: [try endOfAhead(of: now, step: Int64(limit / 2)), limit, time]
        )
        guard let end else { return false }
        let first = "SELECT position FROM record WHERE position <= ? ORDER BY position LIMIT ?"
        let last = try Int64.fetchOne(self, sql: "SELECT max(position) FROM (\(first))", arguments: [end, limit])
        let before = totalChangesCount
        try remove(.min...(last ?? end))
        return totalChangesCount - before >= limit
    }

    /// Where those of the oldest records end that a clock stamped which was ahead, less a step; 0 = there are none.
    ///
    /// One record a step is looked at: a flood at such a time leaves a million.
    private func endOfAhead(of now: Int64, step: Int64) throws -> Int64 {
        let select = try cachedStatement(
            sql: "SELECT position, time FROM record WHERE position >= ? ORDER BY position LIMIT 1"
        )
        let watermark = try watermark()
        var (end, next): (Int64, Int64) = (0, 0)
        while let row = try Row.fetchOne(select, arguments: [next]) {
            let (position, time): (Int64, Int64) = (try row.value(0), try row.value(1))
            guard position >= next else { throw DatabaseError.damage("a record is not where it belongs") }
            guard position <= watermark, time > now else { break }
            (end, next) = (position, position + step)
        }
        return end
    }

    private func removeFirst(_ range: ClosedRange<Int64>) throws {
        try remove(range)
        // One that is still there would be the first for ever.
        guard changesCount > 0 else { throw DatabaseError.damage("a record is not where it belongs") }
    }

    private func remove(_ range: ClosedRange<Int64>) throws {
        let bounds: StatementArguments = [range.lowerBound, range.upperBound]
        try cachedStatement(sql: "DELETE FROM dead_letter WHERE position BETWEEN ? AND ?").execute(arguments: bounds)
        try cachedStatement(sql: "DELETE FROM record WHERE position BETWEEN ? AND ?").execute(arguments: bounds)
    }

    /// When the oldest records were observed: states before that are of use for what still held alone.
    ///
    /// The earliest of some, since a clock that was wrong may have stamped one of them. One that was ahead may have stamped
    /// them all, which is known by what came later: then nothing is to go by them, and this is 0.
    ///
    /// - Parameter now: No record is later. The default is not to know.
    func horizon(now: Int64 = .max) throws -> Int64 {
        let oldest = try Int64.fetchOne(
            try cachedStatement(sql: "SELECT min(time) FROM (SELECT time FROM record ORDER BY position LIMIT 256)")
        )
        guard let oldest, let newest = try newest(), oldest <= min(newest, now) else { return 0 }
        return oldest
    }

    /// When the last record was observed.
    func newest() throws -> Int64? {
        try Int64.fetchOne(try cachedStatement(sql: "SELECT time FROM record ORDER BY position DESC LIMIT 1"))
    }
}
