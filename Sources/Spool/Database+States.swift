internal import GRDB

/// The tables of what objects are and were.
extension Database {
    /// Appends to the history of states, in order.
    func insert(_ changes: [SpoolChange]) throws {
        guard !changes.isEmpty else { return }
        // One statement that finds the object, too: two cost half as much again.
        let addState = try Insertion(
            """
            INSERT INTO state (object, time, name, present, persistent, active, state)
            SELECT id, ?, ?, ?, ?, ?, ? FROM object WHERE host = ? AND object = ? AND key = ?
            """,
            on: self
        )
        let addObject = try Insertion("INSERT INTO object (host, object, key) VALUES (?, ?, ?)", on: self)
        func add(_ change: SpoolChange) throws {
            try addState(
                change.time,
                change.name,
                change.exists,
                change.persistent,
                change.active,
                change.state,
                change.host,
                change.object,
                change.key
            )
        }
        for change in changes {
            try add(change)
            guard changesCount == 0 else { continue }
            // It was never seen.
            try addObject(change.host, change.object, change.key)
            try add(change)
        }
    }

    /// The latest row of every object.
    func latestChanges() throws -> [SpoolChange] {
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
    ///   - row: Where the call before ended; 0 = at the beginning.
    ///   - limit: How many rows to look at.
    /// - Returns: Where this one ended; 0 = everything old has been looked at.
    func removeStates(before time: Int64, after row: Int64, limit: Int) throws -> Int64 {
        let bounds = try Row.fetchOne(
            self,
            sql: "SELECT max(id), count(*) FROM (SELECT id FROM state WHERE id > ? ORDER BY id LIMIT ?)",
            arguments: [row, limit]
        )
        let found: Int64? = bounds?[0]
        guard let end = found else { return 0 }
        try execute(
            sql: "UPDATE horizon SET time = max(time, ?)",
            arguments: [time]
        )
        // A row is of no use once a later one of its object is old enough, too; the last one, if it says that the object
        // is gone.
        try execute(
            sql: """
                DELETE FROM state WHERE id > :from AND id <= :end AND time < :time AND (
                    EXISTS (
                        SELECT 1 FROM state AS later
                        WHERE later.object = state.object AND later.id > state.id AND later.time < :time
                    ) OR (
                        NOT present AND object IN (SELECT id FROM object WHERE key <> '') AND NOT EXISTS (
                            SELECT 1 FROM state AS later WHERE later.object = state.object AND later.id > state.id
                        )
                    )
                )
                """,
            arguments: ["from": row, "end": end, "time": time]
        )
        let count: Int = bounds?[1] ?? 0
        guard count < limit else { return end }
        try execute(sql: "DELETE FROM object WHERE NOT EXISTS (SELECT 1 FROM state WHERE state.object = object.id)")
        return 0
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
