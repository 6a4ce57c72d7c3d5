internal import Foundation
internal import GRDB

/// The tables of what had to go before it was sent.
extension Database {
    func givenUpNotes() throws -> [GivenUp.Note] {
        try Row.fetchAll(try cachedStatement(sql: "SELECT host, revision FROM given_up ORDER BY host"))
            .map { GivenUp.Note(host: try $0.value(0), revision: try $0.value(1)) }
    }

    /// - Parameter hosts: The default is all of them.
    func givenUp(of hosts: Set<String>? = nil) throws -> [GivenUp] {
        let select = try cachedStatement(
            sql: "SELECT object, key, name FROM given_up_object WHERE host = ? ORDER BY object, key"
        )
        return try Row.fetchAll(self, sql: "SELECT host, time, gap, revision, everything FROM given_up ORDER BY host")
            .compactMap { row in
                let host: String = try row.value(0)
                guard hosts?.contains(host) ?? true else { return nil }
                return GivenUp(
                    host: host,
                    time: try row.value(1),
                    gap: try row.bytes(2),
                    revision: try row.value(3),
                    isEverything: try row.value(4),
                    objects: try Row.fetchAll(select, arguments: [host]).map { try GivenUp.Object($0, at: 0) }
                )
            }
    }

    /// Notes whose records these are, and of which objects they tell, before they go.
    func noteGivenUp(_ range: ClosedRange<Int64>) throws {
        try lookAtRecords(range)
        let bounds: StatementArguments = ["first": range.lowerBound, "last": range.upperBound]
        // A record of a life without its object was made by a former version.
        try cachedStatement(
            sql: """
                INSERT INTO given_up (host, time, revision, gap, everything)
                SELECT host, min(time), :last, (
                    SELECT bytes FROM record AS told
                    WHERE told.position BETWEEN :first AND :last AND told.host = record.host AND told.object = 'host'
                        AND told.kind = 'gap' AND told.replay_of IS NULL
                    ORDER BY told.position LIMIT 1
                ), max(kind = 'lifecycle' AND key = '')
                FROM record
                WHERE position BETWEEN :first AND :last AND host <> '' AND replay_of IS NULL
                GROUP BY host
                \(Self.both)
                """
        )
        .execute(arguments: bounds)
        let select = try cachedStatement(
            sql: """
                SELECT host, object, key, subject FROM record
                WHERE position BETWEEN :first AND :last AND host <> '' AND replay_of IS NULL
                    AND (key <> '' OR kind = 'lifecycle')
                ORDER BY position
                """
        )
        let rows = try Row.fetchAll(select, arguments: bounds)
        for (host, rows) in try Dictionary(grouping: rows, by: { row -> String in try row.value(0) }) {
            let objects = try rows.map { try GivenUp.Object($0, at: 1) }
            try name(objects.filter { !$0.key.isEmpty }, of: host)
            if objects.contains(where: \.key.isEmpty) { try nameEnded(of: host) }
        }
    }

    /// Notes that of every host anything may be missing, and that all that has ended since it was heard may be among it.
    func noteEverythingGivenUp() throws {
        try execute(
            sql: """
                INSERT INTO given_up (host, time, revision, everything)
                SELECT host, time, ?, 1 FROM (
                    SELECT object.host AS host, coalesce(
                        (SELECT time FROM hearing WHERE hearing.host = object.host AND hearing.object = ''),
                        (SELECT state.time FROM latest JOIN state ON state.id = latest.state
                            WHERE latest.object = object.id)
                    ) AS time
                    FROM object WHERE object.object = 'host'
                )
                WHERE time IS NOT NULL
                \(Self.both)
                """,
            arguments: [try lastPosition()]
        )
        for note in try givenUpNotes() { try nameEnded(of: note.host) }
    }

    func insert(_ all: [GivenUp]) throws {
        let insert = try cachedStatement(
            sql: "INSERT INTO given_up (host, time, gap, revision, everything) VALUES (?, ?, ?, ?, ?) \(Self.both)"
        )
        for one in all {
            try insert.execute(arguments: [
                one.host, one.time, one.gap.map { Data($0) }, one.revision, one.isEverything,
            ])
            try name(one.objects, of: one.host)
        }
    }

    /// Notes records that stay, and will never be sent.
    func noteGivenUp(_ records: [GivenUp]) throws {
        try insert(records)
        for record in records where record.isEverything { try nameEnded(of: record.host) }
    }

    func replaceGivenUp(_ all: [GivenUp]) throws {
        try execute(sql: "DELETE FROM given_up; DELETE FROM given_up_object")
        try insert(all)
    }

    func settle(_ notes: [GivenUp.Note]) throws {
        let delete = try cachedStatement(sql: "DELETE FROM given_up WHERE host = ? AND revision = ?")
        let forget = try cachedStatement(sql: "DELETE FROM given_up_object WHERE host = ?")
        for note in notes {
            try delete.execute(arguments: [note.host, note.revision])
            if changesCount > 0 { try forget.execute(arguments: [note.host]) }
        }
    }

    private static let both = """
        ON CONFLICT (host) DO UPDATE SET time = min(time, excluded.time), gap = coalesce(gap, excluded.gap),
            revision = max(revision, excluded.revision) + 1, everything = max(everything, excluded.everything)
        """
}

extension GivenUp.Object {
    /// The columns of an object, a key and a name.
    init(_ row: Row, at index: Int) throws {
        self.init(object: try row.value(index), key: try row.value(index + 1), name: try row.value(index + 2))
    }
}
