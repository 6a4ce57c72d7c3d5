internal import GRDB

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

    /// Removes the oldest records, a few pages of them: what is settled, or else, if that is allowed, what waits.
    ///
    /// - Returns: What was removed; `nil` when there is nothing that may go.
    func removeOldest(includingWaiting: Bool) throws -> ClosedRange<Int64>? {
        guard let range = try oldestRange(includingWaiting: includingWaiting) else { return nil }
        try remove(range)
        return range
    }

    /// Records that are to go next, a page or a few of them.
    private func oldestRange(includingWaiting: Bool) throws -> ClosedRange<Int64>? {
        let chunk: Int64 = 64
        guard let first = try Int64.fetchOne(try cachedStatement(sql: "SELECT min(position) FROM record")) else {
            return nil
        }
        let watermark = try watermark()
        if first <= watermark { return first...min(watermark, first + chunk - 1) }
        for settled in try settledAhead() {
            let oldest = try Int64.fetchOne(
                try cachedStatement(sql: "SELECT min(position) FROM record WHERE position BETWEEN ? AND ?"),
                arguments: [settled.lowerBound, settled.upperBound]
            )
            if let oldest { return oldest...min(settled.upperBound, oldest + chunk - 1) }
        }
        guard includingWaiting else { return nil }
        let last = try lastPosition()
        return first...min(last, first + chunk - 1)
    }

    /// Removes what was observed before `time` and is settled, oldest first, at most `limit` records.
    ///
    /// - Returns: Whether there may be more.
    func removeRecords(before time: Int64, limit: Int) throws -> Bool {
        // Of the first of them, everything up to the last that is old: a clock that went wrong for a while may have
        // stamped others in between.
        let end = try Int64.fetchOne(
            self,
            sql: """
                SELECT max(position) FROM (
                    SELECT position, time FROM record WHERE position <= (SELECT position FROM watermark)
                    ORDER BY position LIMIT ?
                ) WHERE time < ?
                """,
            arguments: [limit, time]
        )
        guard let end else { return false }
        let before = totalChangesCount
        try remove(0...end)
        return totalChangesCount - before >= limit
    }

    private func remove(_ range: ClosedRange<Int64>) throws {
        let bounds: StatementArguments = [range.lowerBound, range.upperBound]
        try cachedStatement(sql: "DELETE FROM dead_letter WHERE position BETWEEN ? AND ?").execute(arguments: bounds)
        try cachedStatement(sql: "DELETE FROM record WHERE position BETWEEN ? AND ?").execute(arguments: bounds)
    }

    /// When the oldest record was observed.
    func oldestTime() throws -> Int64? {
        try Int64.fetchOne(self, sql: "SELECT time FROM record ORDER BY position LIMIT 1")
    }
}
