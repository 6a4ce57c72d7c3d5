internal import GRDB

/// What goes of the tables of what objects are and were, and what is known of that.
extension Database {
    /// Forgets what was before `time`, but for what still held then; some of it, going on from call to call.
    ///
    /// - Parameters:
    ///   - sweep: Where the call before ended, and then this one; 0 = everything old has been looked at.
    ///   - limit: How many rows to look at.
    func removeStates(_ sweep: inout SpoolSweep, before time: Int64, limit: Int) throws {
        let row = sweep.states
        sweep.states = 0
        let bounds = try Row.fetchOne(
            self,
            sql: "SELECT max(id), count(*) FROM (SELECT id FROM state WHERE id > ? ORDER BY id LIMIT ?)",
            arguments: [row, limit]
        )
        guard let bounds, let end: Int64 = try bounds.value(0) else { return }
        let before = totalChangesCount
        let span: StatementArguments = ["from": row, "end": end, "time": time]
        // A row is of no use once the next one of its object is old enough, too, and so is what was before it: a clock that
        // was wrong for a while may have kept that.
        try execute(
            sql: """
                WITH RECURSIVE useless (id) AS (
                    SELECT previous FROM state WHERE id > :from AND id <= :end AND time < :time AND previous > 0
                    UNION
                    SELECT state.previous FROM useless JOIN state ON state.id = useless.id WHERE state.previous > 0
                )
                DELETE FROM state WHERE id IN useless
                """,
            arguments: span
        )
        if !sweep.keepsEnds { try removeEnds(span) }
        if !sweep.isInMemory { try removeHosts(span) }
        // What the disk has is known as long as nothing is missing after it.
        if !sweep.isInMemory || totalChangesCount > before { try raiseHorizon(to: time) }
        guard try bounds.value(1) < limit else {
            sweep.states = end
            return
        }
        guard !sweep.isInMemory else { return }
        // But for the last one: its number must not be another's, by which it may be known.
        let forgotten = "(SELECT object FROM latest WHERE state = 0 AND object < (SELECT max(id) FROM object))"
        try execute(sql: "DELETE FROM object WHERE id IN \(forgotten)")
        try execute(sql: "DELETE FROM latest WHERE object NOT IN (SELECT id FROM object)")
    }

    /// States from before this time may be missing.
    func storedHorizon() throws -> Int64 {
        guard let time = try Int64.fetchOne(try cachedStatement(sql: "SELECT time FROM horizon")) else {
            throw DatabaseError.damage("there is no horizon")
        }
        return time
    }

    /// Notes that states from before `time` may be missing.
    ///
    /// What a clock had noted that was ahead is taken back: no more than what there was by the last record can be missing.
    func raiseHorizon(to time: Int64) throws {
        let update = try cachedStatement(
            sql: """
                UPDATE horizon SET time = max(?, min(time, coalesce(
                    (SELECT time FROM record ORDER BY position DESC LIMIT 1), time
                )))
                """
        )
        try update.execute(arguments: [time])
    }

    /// Removes rows that say of an object that it is gone, if they are the last ones of theirs.
    private func removeEnds(_ span: StatementArguments) throws {
        try removeLatest(span, where: "object.key <> ''")
    }

    /// Removes what is known of hosts that are watched no more, as rows of theirs get old.
    ///
    /// Of one that is merely away there is the last proof of hearing it, and most often an object.
    private func removeHosts(_ span: StatementArguments) throws {
        let condition = """
            object.key = '' AND object.host NOT IN (SELECT host FROM hearing) AND NOT EXISTS (
                SELECT 1 FROM object AS other JOIN latest AS last ON last.object = other.id
                    JOIN state AS row ON row.id = last.state
                WHERE other.host = object.host AND (other.key <> '' OR row.present)
            )
            """
        try removeLatest(span, where: condition)
    }

    private func removeLatest(_ span: StatementArguments, where condition: String) throws {
        let gone = try Int64.fetchAll(
            self,
            sql: """
                SELECT object.id FROM state JOIN latest ON latest.object = state.object AND latest.state = state.id
                    JOIN object ON object.id = state.object
                WHERE state.id > :from AND state.id <= :end AND state.time < :time AND NOT state.present
                    AND \(condition)
                """,
            arguments: span
        )
        for object in gone {
            try cachedStatement(sql: "DELETE FROM state WHERE id = (SELECT state FROM latest WHERE object = ?)")
                .execute(arguments: [object])
            try cachedStatement(sql: "UPDATE latest SET state = 0 WHERE object = ?").execute(arguments: [object])
        }
    }
}
