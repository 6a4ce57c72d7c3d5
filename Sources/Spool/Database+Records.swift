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

    /// The records after a position, oldest first.
    ///
    /// - Throws: `DatabaseError`, of damage when one of them lacks something, or is not where it belongs.
    func events(after position: Int64, limit: Int) throws -> [SpooledEvent] {
        let select = try cachedStatement(
            sql: """
                SELECT position, time, host, object, kind, subject, key, level, replay_of, bytes FROM record
                WHERE position > ? ORDER BY position LIMIT ?
                """
        )
        var events: [SpooledEvent] = []
        let rows = try Row.fetchCursor(select, arguments: [position, limit])
        var end = position
        while let row = try rows.next() {
            let event = try SpooledEvent(row)
            guard event.position > end else { throw DatabaseError.damage("a record is not where it belongs") }
            end = event.position
            events.append(event)
        }
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
            .map { DeadLetter(position: try $0.value(0), time: try $0.value(1), reason: try $0.value(2)) }
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
            time: try row.value(1),
            host: try row.value(2),
            object: try row.value(3),
            kind: try row.value(4),
            subject: try row.value(5),
            key: try row.value(6),
            level: try row.value(7),
            replayOf: try row.value(8),
            bytes: try row.eventBytes(9)
        )
        self.init(record, at: try row.value(0))
    }
}
