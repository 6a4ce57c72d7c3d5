internal import GRDB

/// Up to where there are records, and up to where they are settled: each has to agree with the others.
extension Database {
    /// No position comes to this, in centuries of floods: whatever does is damage.
    static let endOfPositions: Int64 = 1 << 48

    /// The position of the last record that was ever appended.
    func lastPosition() throws -> Int64 {
        let select = try cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'record'")
        return try Int64.fetchOne(select) ?? 0
    }

    /// The position of the last record that is there; 0 = there is none.
    func lastRecord() throws -> Int64 {
        try Int64.fetchOne(self, sql: "SELECT max(position) FROM record") ?? 0
    }

    /// Makes the next record's position the one after this.
    func continuePositions(after position: Int64) throws {
        try execute(sql: "DELETE FROM sqlite_sequence WHERE name = 'record'")
        try execute(sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('record', ?)", arguments: [position])
    }

    /// The position up to which everything is settled.
    ///
    /// - Throws: `DatabaseError`, of damage when that is none: what is appended up to a watermark that is ahead would never
    ///   be sent.
    func watermark() throws -> Int64 {
        let watermark = try storedWatermark()
        guard try watermark >= 0 && watermark <= lastPosition() else { throw DatabaseError.damage("no such watermark") }
        return watermark
    }

    /// The watermark, whatever it is.
    func storedWatermark() throws -> Int64 {
        guard let watermark = try Int64.fetchOne(try cachedStatement(sql: "SELECT position FROM watermark")) else {
            throw DatabaseError.damage("there is no watermark")
        }
        return watermark
    }

    /// What is settled beyond the watermark, in order.
    ///
    /// - Throws: `DatabaseError`, of damage when that is beyond the last position.
    func settledAhead() throws -> [ClosedRange<Int64>] {
        let (watermark, last) = (try watermark(), try lastPosition())
        return try storedAhead().filter { range in
            guard range.upperBound <= last else { throw DatabaseError.damage("more is settled than there is") }
            return range.upperBound > watermark
        }
    }

    /// What is settled beyond some watermark, whatever it is.
    func storedAhead() throws -> [ClosedRange<Int64>] {
        let select = try cachedStatement(sql: "SELECT first, last FROM settled ORDER BY first")
        return try Row.fetchAll(select).map { row in
            let (first, last): (Int64, Int64) = (try row.value(0), try row.value(1))
            guard first <= last else { throw DatabaseError.damage("a range of what is settled has no length") }
            return first...last
        }
    }

    /// - Throws: `DatabaseError` of damage when positions contradict each other.
    func lookAtPositions() throws {
        let last = try lastPosition()
        guard last < Self.endOfPositions, try lastRecord() <= last else {
            throw DatabaseError.damage("there are records beyond the last one")
        }
        _ = try settledAhead()
    }
}
