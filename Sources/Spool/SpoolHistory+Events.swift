internal import Foundation
internal import GRDB

/// A record as it is kept.
package struct KeptEvent: Hashable, Sendable {
    package let position: Int64

    /// When it was observed, in microseconds since 1970.
    package let time: Int64
    package let host: String
    package let object: String
    package let kind: String
    package let subject: String

    /// Why it can never be sent, if that is so.
    package let dead: DeadLetter?

    /// Empty where they were not asked for.
    package let bytes: [UInt8]
}

/// What one look into the records found.
package struct SpoolPage<Found: Sendable>: Sendable {
    package let found: [Found]

    /// The last position that was looked at: where the next page goes on.
    package let end: Int64

    /// Whether there is nothing beyond.
    package let isLast: Bool
}

extension SpoolHistory {
    /// The records that are meant among the next ``pageSize`` after a position, oldest first.
    ///
    /// - Parameters:
    ///   - last: Not beyond this position. The default is none.
    ///   - withBytes: Whether to give their bytes. The default is true.
    /// - Throws: ``SpoolError`` with code `failed`.
    package func events(
        _ selection: SpoolSelection,
        after position: Int64,
        through last: Int64 = .max,
        withBytes: Bool = true
    ) throws(SpoolError) -> SpoolPage<KeptEvent> {
        try read { db in
            let (edge, count) = try Self.edge(
                db,
                "SELECT position FROM record WHERE position > ? AND position <= ? ORDER BY position LIMIT ?",
                of: "max",
                [position, last, Self.pageSize]
            )
            guard let edge else { return SpoolPage(found: [], end: position, isLast: true) }
            guard edge > position else { throw Self.misplaced }
            var events: [KeptEvent] = []
            var bytes = 0
            try Self.each(db, selection, in: position + 1...edge, isUp: true) { row, host, subject in
                let event = try KeptEvent(row, host: host, subject: subject, withBytes: withBytes)
                bytes += event.bytes.count
                events.append(event)
                return bytes < Self.pageBytes
            }
            if bytes >= Self.pageBytes, let full = events.last {
                return SpoolPage(found: events, end: full.position, isLast: full.position >= last)
            }
            return SpoolPage(found: events, end: edge, isLast: count < Self.pageSize || edge >= last)
        }
    }

    /// The positions of those that are meant among the ``pageSize`` before a position, newest first.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func positions(
        _ selection: SpoolSelection,
        before position: Int64
    ) throws(SpoolError) -> SpoolPage<Int64> {
        try read { db in
            let (edge, count) = try Self.edge(
                db,
                "SELECT position FROM record WHERE position < ? ORDER BY position DESC LIMIT ?",
                of: "min",
                [position, Self.pageSize]
            )
            guard let edge else { return SpoolPage(found: [], end: position, isLast: true) }
            guard edge < position else { throw Self.misplaced }
            var positions: [Int64] = []
            try Self.each(db, selection, in: edge...position - 1, isUp: false) { row, _, _ in
                positions.append(try row.value(0))
                return true
            }
            return SpoolPage(found: positions, end: edge, isLast: count < Self.pageSize)
        }
    }

    /// When the record before a position was observed, in microseconds since 1970.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func time(before position: Int64) throws(SpoolError) -> Int64? {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT time FROM record WHERE position < ? ORDER BY position DESC LIMIT 1",
                arguments: [position]
            )
            return try row?.value(0)
        }
    }

    /// Where the page that `positions` gives ends, and how many of them there are.
    private static func edge(
        _ db: Database,
        _ positions: String,
        of end: String,
        _ arguments: StatementArguments
    ) throws -> (edge: Int64?, count: Int) {
        let select = try db.cachedStatement(sql: "SELECT \(end)(position), count(*) FROM (\(positions))")
        guard let row = try Row.fetchOne(select, arguments: arguments) else { return (nil, 0) }
        return (try row.value(0), try row.value(1))
    }

    private static let misplaced = DatabaseError.damage("a record is not where it belongs")

    /// Calls `body` for each record in `range` that is meant, until it says no.
    private static func each(
        _ db: Database,
        _ selection: SpoolSelection,
        in range: ClosedRange<Int64>,
        isUp: Bool,
        _ body: (_ row: Row, _ host: String, _ subject: String) throws -> Bool
    ) throws {
        let (condition, arguments) = selection.condition
        let select = try db.cachedStatement(
            sql: """
                SELECT record.position, record.time, host, object, kind, subject, bytes, dead_letter.time, reason
                FROM record LEFT JOIN dead_letter ON dead_letter.position = record.position
                WHERE record.position BETWEEN ? AND ? AND \(condition) ORDER BY record.position \(isUp ? "ASC" : "DESC")
                """
        )
        var isMeant: [String: Bool] = [:]
        let bounds: StatementArguments = [range.lowerBound, range.upperBound]
        let rows = try Row.fetchCursor(select, arguments: bounds + arguments)
        var last: Int64?
        while let row = try rows.next() {
            let position: Int64 = try row.value(0)
            // A page that goes back would have no end.
            guard range.contains(position), last.map({ ($0 < position) == isUp }) ?? true else { throw misplaced }
            last = position
            let host: String = try row.value(2)
            if let wants = selection.host {
                let known = isMeant[host] ?? wants(host)
                isMeant[host] = known
                guard known else { continue }
            }
            let subject: String = try row.value(5)
            if let wants = selection.subject {
                let wanted = try row.withUnsafeData(atIndex: 6) { data in
                    data?.withUnsafeBytes { wants(subject, $0) } ?? false
                }
                guard wanted else { continue }
            }
            guard try body(row, host, subject) else { return }
        }
    }
}

extension SpoolSelection {
    /// The part of it that SQLite looks at.
    fileprivate var condition: (sql: String, arguments: StatementArguments) {
        // Of what can never be sent a copy is as good as any: it is nowhere else.
        var parts = isDead == true ? [] : ["replay_of IS NULL"]
        var arguments = StatementArguments()
        func add(_ part: String, _ values: StatementArguments) {
            parts.append(part)
            arguments += values
        }
        if let since { add("record.time >= ?", [since]) }
        if let until { add("record.time <= ?", [until]) }
        if let isDead { parts.append(isDead ? "reason IS NOT NULL" : "reason IS NULL") }
        if !objects.isEmpty {
            let marks = objects.map { _ in "?" }.joined(separator: ", ")
            add("object IN (\(marks))", StatementArguments(objects.sorted()))
        }
        if !kinds.isEmpty {
            let choices = kinds.map { "(\($0.condition))" }.joined(separator: " OR ")
            add("(\(choices))", StatementArguments(kinds.flatMap { [$0.object, $0.kind].compactMap(\.self) }))
        }
        return (parts.joined(separator: " AND "), arguments)
    }
}

extension SpoolSelection.Kind {
    fileprivate var condition: String {
        let parts = [object == nil ? nil : "object = ?", kind == nil ? nil : "kind = ?"].compactMap(\.self)
        return parts.isEmpty ? "true" : parts.joined(separator: " AND ")
    }
}

extension KeptEvent {
    /// A row of ``SpoolHistory/each(_:_:in:isUp:_:)``.
    fileprivate init(_ row: Row, host: String, subject: String, withBytes: Bool) throws {
        let position: Int64 = try row.value(0)
        let reason: String? = try row.value(8)
        self.init(
            position: position,
            time: try row.value(1),
            host: host,
            object: try row.value(3),
            kind: try row.value(4),
            subject: subject,
            dead: try reason.map { DeadLetter(position: position, time: try row.value(7), reason: $0) },
            bytes: withBytes ? try row.eventBytes(6) : []
        )
    }
}
