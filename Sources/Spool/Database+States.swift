internal import GRDB

/// The tables of what objects are and were.
extension Database {
    /// The name that the object of a row of `state` had before that, as far as that is still kept: what is gone has none.
    static let formerName = """
        coalesce((
            WITH RECURSIVE former (name, present, previous) AS (
                SELECT row.name, row.present, row.previous FROM state AS row WHERE row.id = state.previous
                UNION ALL
                SELECT row.name, row.present, row.previous
                FROM former JOIN state AS row ON row.id = former.previous WHERE NOT former.present
            )
            SELECT name FROM former WHERE present
        ), '')
        """

    /// Appends to the history of states, in order.
    ///
    /// - Parameter known: Where objects are; learns more. Of use for the next transaction only if this one is committed.
    func insert(_ changes: [SpoolChange], known: inout KnownObjects) throws {
        guard !changes.isEmpty else { return }
        // One row each: what may write several, or has a trigger, gets a journal of its own, which costs more than the rows.
        let follow = try PlainStatement("UPDATE latest SET state = ? WHERE object = ? AND state = ?", on: self)
        let add = try PlainStatement(
            """
            INSERT INTO state (id, object, previous, time, name, present, persistent, active, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            on: self
        )
        var id = try Int64.fetchOne(try cachedStatement(sql: "SELECT max(id) FROM state")) ?? 0
        for change in changes {
            id += 1
            let name = KnownObjects.Name(host: change.host, object: change.object, key: change.key)
            var place = try known[name] ?? find(name)
            try follow(id, place.object, place.latest)
            if changesCount == 0 {
                // It was removed meanwhile.
                place = try find(name)
                try follow(id, place.object, place.latest)
            }
            try add(
                id,
                place.object,
                place.latest,
                change.time,
                change.name,
                change.exists,
                change.persistent,
                change.active,
                change.state
            )
            known.learn(name, at: KnownObjects.Place(object: place.object, latest: id))
        }
    }

    /// Appends to the history of states, in order, as is done now and then.
    func insert(_ changes: [SpoolChange]) throws {
        var known = KnownObjects()
        try insert(changes, known: &known)
    }

    /// Where an object is; one that was never seen gets a place.
    private func find(_ name: KnownObjects.Name) throws -> KnownObjects.Place {
        let select = try cachedStatement(
            sql: """
                SELECT object.id, latest.state FROM object LEFT JOIN latest ON latest.object = object.id
                WHERE object.host = ? AND object.object = ? AND object.key = ?
                """
        )
        if let row = try Row.fetchOne(select, arguments: [name.host, name.object, name.key]) {
            if let latest: Int64 = row[1] { return KnownObjects.Place(object: row[0], latest: latest) }
            // A page that was damaged: what the object was is out of reach, but it goes on.
            return try begin(row[0])
        }
        try cachedStatement(sql: "INSERT INTO object (host, object, key) VALUES (?, ?, ?)")
            .execute(arguments: [name.host, name.object, name.key])
        return try begin(lastInsertedRowID)
    }

    private func begin(_ object: Int64) throws -> KnownObjects.Place {
        try cachedStatement(sql: "INSERT INTO latest (object, state) VALUES (?, 0)").execute(arguments: [object])
        return KnownObjects.Place(object: object, latest: 0)
    }

    /// The latest row of every object.
    func latestChanges() throws -> [SpoolChange] {
        try changes(where: "state.id IN (SELECT state FROM latest)")
    }

    /// The same of a database in which not every table can be read, or that is older than what is known beside the rows.
    func latestChangesFound() throws -> [SpoolChange] {
        try changes(where: "state.id IN (SELECT max(id) FROM state GROUP BY object)")
    }

    /// Every row, in order.
    func allChanges() throws -> [SpoolChange] {
        try changes(where: "true")
    }

    private func changes(where condition: String) throws -> [SpoolChange] {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT state.time, object.host, object.object, object.key, state.name, state.present, state.persistent,
                    state.active, state.state
                FROM state JOIN object ON object.id = state.object WHERE \(condition) ORDER BY state.id
                """
        )
        var changes: [SpoolChange] = []
        while let row = try rows.next() { changes.append(SpoolChange(row)) }
        return changes
    }

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
        let found: Int64? = bounds?[0]
        guard let end = found else { return }
        try raiseHorizon(to: time)
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
        let count: Int = bounds?[1] ?? 0
        guard count < limit else {
            sweep.states = end
            return
        }
        // But for the last one: its number must not be another's, by which it may be known.
        let forgotten = "(SELECT object FROM latest WHERE state = 0 AND object < (SELECT max(id) FROM object))"
        try execute(sql: "DELETE FROM object WHERE id IN \(forgotten)")
        try execute(sql: "DELETE FROM latest WHERE object NOT IN (SELECT id FROM object)")
    }

    /// States from before this time may be missing.
    func storedHorizon() throws -> Int64 {
        try Int64.fetchOne(try cachedStatement(sql: "SELECT time FROM horizon")) ?? 0
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
        let gone = try Int64.fetchAll(
            self,
            sql: """
                SELECT object.id FROM state JOIN latest ON latest.object = state.object AND latest.state = state.id
                    JOIN object ON object.id = state.object
                WHERE state.id > :from AND state.id <= :end AND state.time < :time AND NOT state.present
                    AND object.key <> ''
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

extension SpoolChange {
    /// A row of time, host, object, key, name, whether it is there, persistent and active, and state.
    init(_ row: Row) {
        self.init(
            time: row[0],
            host: row[1],
            object: row[2],
            key: row[3],
            name: row[4],
            exists: row[5],
            persistent: row[6],
            active: row[7],
            state: row[8]
        )
    }
}
