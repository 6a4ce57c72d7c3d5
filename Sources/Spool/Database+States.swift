internal import GRDB

/// The tables of what objects are and were.
extension Database {
    /// The name that the object of a row of `state` had before that, as far as that is still kept: what is gone has none.
    static let formerName = """
        coalesce((
            WITH RECURSIVE former (id, name, present, previous) AS (
                SELECT row.id, row.name, row.present, row.previous FROM state AS row WHERE row.id = state.previous
                UNION ALL
                SELECT row.id, row.name, row.present, row.previous
                FROM former JOIN state AS row ON row.id = former.previous
                WHERE NOT former.present AND former.previous < former.id
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
        guard id < Self.endOfPositions else { throw DatabaseError.damage("a state is not where it belongs") }
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
            let object: Int64 = try row.value(0)
            if let latest: Int64 = try row.value(1) { return KnownObjects.Place(object: object, latest: latest) }
            // A page that was damaged: what the object was is out of reach, but it goes on.
            return try begin(object)
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

    /// What there is in memory, for the disk.
    ///
    /// - Parameter hasAllEnds: Whether no row was removed of what is gone.
    /// - Returns: Every row, in order, and the time before which others are missing; 0 = none is.
    func changesForDisk(hasAllEnds: Bool) throws -> (changes: [SpoolChange], horizon: Int64) {
        let changes = try allChanges()
        let horizon = try storedHorizon()
        guard !hasAllEnds, horizon > 0 else { return (changes, horizon) }
        // When it ended nobody knows, nor of what is there again that it had: but it is known how all of it is by now.
        let now = max(horizon, try newest() ?? 0, changes.last?.time ?? 0)
        let select =
            "SELECT host, object.object, key FROM object JOIN latest ON latest.object = object.id WHERE latest.state = 0"
        let ends = try Row.fetchAll(self, sql: select).map { row in
            SpoolChange(
                time: now,
                host: try row.value(0),
                object: try row.value(1),
                key: try row.value(2),
                name: "",
                exists: false,
                state: "gone"
            )
        }
        return (changes + ends, now)
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
        while let row = try rows.next() { changes.append(try SpoolChange(row)) }
        return changes
    }
}

extension SpoolChange {
    /// A row of time, host, object, key, name, whether it is there, persistent and active, and state.
    init(_ row: Row) throws {
        self.init(
            time: try row.value(0),
            host: try row.value(1),
            object: try row.value(2),
            key: try row.value(3),
            name: try row.value(4),
            exists: try row.value(5),
            persistent: try row.value(6),
            active: try row.value(7),
            state: try row.value(8)
        )
    }
}
