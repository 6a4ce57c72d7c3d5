internal import Foundation
internal import GRDB

/// The records' table and what is known of their delivery, on the disk and in memory alike.
extension Database {
    /// Appends records, in order.
    func insert(_ records: [SpoolRecord]) throws {
        let insert = try PlainStatement(
            """
            INSERT INTO record (time, host, object, kind, subject, key, level, replay_of, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            on: self
        )
        for record in records {
            try insert(
                record.time,
                record.host,
                record.object,
                record.kind,
                record.subject,
                record.key,
                record.level,
                record.replayOf,
                last: record.bytes
            )
        }
    }

    /// Puts records where they were elsewhere.
    func insert(_ events: [SpooledEvent]) throws {
        let insert = try cachedStatement(
            sql: """
                INSERT OR REPLACE INTO record (position, time, host, object, kind, subject, key, level, replay_of, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        for event in events {
            let record = event.record
            try insert.execute(arguments: [
                event.position, record.time, record.host, record.object, record.kind, record.subject, record.key,
                record.level, record.replayOf, Data(record.bytes),
            ])
        }
    }

    /// The position of the last record that was ever appended.
    func lastPosition() throws -> Int64 {
        let select = try cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'record'")
        return try Int64.fetchOne(select) ?? 0
    }

    /// Makes the next record's position the one after this.
    func continuePositions(after position: Int64) throws {
        try execute(sql: "DELETE FROM sqlite_sequence WHERE name = 'record'")
        try execute(sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('record', ?)", arguments: [position])
    }

    func events(after position: Int64, limit: Int) throws -> [SpooledEvent] {
        let select = try cachedStatement(
            sql: """
                SELECT position, time, host, object, kind, subject, key, level, replay_of, bytes FROM record
                WHERE position > ? ORDER BY position LIMIT ?
                """
        )
        var events: [SpooledEvent] = []
        let rows = try Row.fetchCursor(select, arguments: [position, limit])
        while let row = try rows.next() { events.append(try SpooledEvent(row)) }
        return events
    }

    func event(at position: Int64) throws -> SpooledEvent? {
        let select = try cachedStatement(
            sql: """
                SELECT position, time, host, object, kind, subject, key, level, replay_of, bytes FROM record
                WHERE position = ?
                """
        )
        let rows = try Row.fetchCursor(select, arguments: [position])
        return try rows.next().map { try SpooledEvent($0) }
    }

    func watermark() throws -> Int64 {
        try Int64.fetchOne(try cachedStatement(sql: "SELECT position FROM watermark")) ?? 0
    }

    func settledAhead() throws -> [ClosedRange<Int64>] {
        let select = try cachedStatement(
            sql: "SELECT first, last FROM settled WHERE last > (SELECT position FROM watermark) ORDER BY first"
        )
        return try Row.fetchAll(select).map { row in
            let (first, last): (Int64, Int64) = (row[0], row[1])
            return first...max(first, last)
        }
    }

    /// Notes that everything up to `position` is settled, and so are these beyond it.
    func acknowledge(through position: Int64, ahead: [ClosedRange<Int64>]) throws {
        try cachedStatement(sql: "UPDATE watermark SET position = ? WHERE position < ?")
            .execute(arguments: [position, position])
        // In order of their beginnings, which is that of their ends.
        let end = try Int64.fetchOne(
            try cachedStatement(sql: "SELECT max(first) FROM settled WHERE first <= ?"),
            arguments: [position]
        )
        if let end {
            try cachedStatement(sql: "DELETE FROM settled WHERE first < ? OR (first = ? AND last <= ?)")
                .execute(arguments: [end, end, position])
        }
        let cover = try cachedStatement(sql: "DELETE FROM settled WHERE first BETWEEN ? AND ? AND last <= ?")
        let widen = try cachedStatement(sql: "UPDATE settled SET last = ? WHERE first = ? AND last = ? - 1")
        let neighbour = try cachedStatement(sql: "SELECT max(first) FROM settled WHERE first < ?")
        let insert = try cachedStatement(sql: "INSERT OR REPLACE INTO settled (first, last) VALUES (?, ?)")
        for range in ahead where range.upperBound > position {
            // What memory knows comes back with what the disk knew before.
            try cover.execute(arguments: [range.lowerBound, range.upperBound, range.upperBound])
            let before = try Int64.fetchOne(neighbour, arguments: [range.lowerBound])
            if let before { try widen.execute(arguments: [range.upperBound, before, range.lowerBound]) }
            if before == nil || changesCount == 0 {
                try insert.execute(arguments: [range.lowerBound, range.upperBound])
            }
        }
    }

    func deadLetters() throws -> [DeadLetter] {
        try Row.fetchAll(self, sql: "SELECT position, time, reason FROM dead_letter ORDER BY position")
            .map { DeadLetter(position: $0[0], time: $0[1], reason: $0[2]) }
    }

    func insert(_ letters: [DeadLetter]) throws {
        let insert = try cachedStatement(
            sql: "INSERT OR REPLACE INTO dead_letter (position, time, reason) VALUES (?, ?, ?)"
        )
        for letter in letters { try insert.execute(arguments: [letter.position, letter.time, letter.reason]) }
    }
}

extension SpooledEvent {
    fileprivate init(_ row: Row) throws {
        let record = SpoolRecord(
            time: row[1],
            host: row[2],
            object: row[3],
            kind: row[4],
            subject: row[5],
            key: row[6],
            level: row[7],
            replayOf: row[8],
            bytes: try row.withUnsafeData(atIndex: 9) { $0.map(Array.init) ?? [] }
        )
        self.init(record, at: row[0])
    }
}
