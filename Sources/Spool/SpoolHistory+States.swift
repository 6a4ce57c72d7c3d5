internal import GRDB

extension SpoolHistory {
    /// What was known at a time of the next ``pageSize`` objects: the latest row of each that is not younger.
    ///
    /// The latest in the order they were written: a clock may have been set back meanwhile. What is gone has the name
    /// that it had, as far as that is still kept.
    ///
    /// - Parameters:
    ///   - time: In microseconds since 1970.
    ///   - object: The end of the page before; 0 = from the beginning.
    ///   - host: Whether a host is meant.
    /// - Throws: ``SpoolError`` with code `failed`.
    package func states(
        at time: Int64,
        after object: Int64,
        host wants: (String) -> Bool
    ) throws(SpoolError) -> SpoolPage<SpoolChange> {
        try read { db in
            let last = try Int64.fetchOne(
                db,
                sql: "SELECT max(id) FROM (SELECT id FROM object WHERE id > ? ORDER BY id LIMIT ?)",
                arguments: [object, Self.pageSize]
            )
            guard let last else { return SpoolPage(found: [], end: object, isLast: true) }
            guard last > object else { throw DatabaseError.damage("an object is not where it belongs") }
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    WITH RECURSIVE back (object, id, time, previous) AS (
                        SELECT state.object, state.id, state.time, state.previous
                        FROM latest JOIN state ON state.id = latest.state
                        WHERE latest.object > :from AND latest.object <= :last
                        UNION ALL
                        SELECT state.object, state.id, state.time, state.previous
                        FROM back JOIN state ON state.id = back.previous
                        WHERE back.time > :time AND back.previous < back.id
                    )
                    SELECT state.time, object.host, object.object, object.key,
                        CASE WHEN state.present THEN state.name ELSE \(Database.formerName) END,
                        state.present, state.persistent, state.active, state.state
                    FROM back JOIN state ON state.id = back.id JOIN object ON object.id = back.object
                    WHERE back.time <= :time ORDER BY object.id
                    """,
                arguments: ["time": time, "from": object, "last": last]
            )
            var changes: [SpoolChange] = []
            while let row = try rows.next() {
                let change = try SpoolChange(row)
                if wants(change.host) { changes.append(change) }
            }
            return SpoolPage(found: changes, end: last, isLast: false)
        }
    }

    /// The names of all hosts of which anything was ever known.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func hosts() throws(SpoolError) -> [String] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT DISTINCT host FROM object ORDER BY host").map { try $0.value(0) }
        }
    }
}
