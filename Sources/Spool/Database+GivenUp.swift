internal import Foundation
internal import GRDB

/// The tables of what had to go before it was sent.
extension Database {
    func givenUp() throws -> [GivenUp] {
        let objects = try Row.fetchAll(
            self,
            sql: "SELECT host, object, key, name FROM given_up_object ORDER BY host, object, key"
        )
        let byHost = Dictionary(grouping: objects) { row -> String in row[0] }
        return try Row.fetchAll(self, sql: "SELECT host, time, gap, through, everything FROM given_up ORDER BY host")
            .map { row in
                let host: String = row[0]
                return GivenUp(
                    host: host,
                    time: row[1],
                    gap: try row.withUnsafeData(atIndex: 2) { $0.map(Array.init) },
                    through: row[3],
                    isEverything: row[4],
                    objects: byHost[host, default: []].map { GivenUp.Object(object: $0[1], key: $0[2], name: $0[3]) }
                )
            }
    }

    /// Notes whose records these are, and of which objects they tell, before they go.
    func noteGivenUp(_ range: ClosedRange<Int64>) throws {
        let bounds: StatementArguments = ["first": range.lowerBound, "last": range.upperBound]
        // A record of a life without its object was made by a former version.
        try cachedStatement(
            sql: """
                INSERT INTO given_up (host, time, through, gap, everything)
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
                WHERE position BETWEEN :first AND :last AND host <> '' AND key <> '' AND replay_of IS NULL
                ORDER BY position
                """
        )
        try name(try Row.fetchAll(select, arguments: bounds).map(Named.init))
    }

    /// Notes that of every host anything may be missing, and that all that has ended since it was heard may be among it.
    func noteEverythingGivenUp() throws {
        try execute(
            sql: """
                INSERT INTO given_up (host, time, through, everything)
                SELECT object.host, coalesce(
                    (SELECT time FROM hearing WHERE hearing.host = object.host AND hearing.object = ''),
                    (SELECT state.time FROM latest JOIN state ON state.id = latest.state WHERE latest.object = object.id)
                ), ?, 1
                FROM object WHERE object.object = 'host'
                \(Self.both)
                """,
            arguments: [try lastPosition()]
        )
        let ended = try Row.fetchAll(
            self,
            sql: """
                SELECT object.host, object.object, object.key, \(Self.formerName)
                FROM object JOIN latest ON latest.object = object.id JOIN state ON state.id = latest.state
                JOIN given_up ON given_up.host = object.host
                WHERE object.key <> '' AND NOT state.present AND state.time >= given_up.time
                ORDER BY state.id
                """
        )
        try name(ended.map(Named.init))
    }

    func insert(_ all: [GivenUp]) throws {
        let insert = try cachedStatement(
            sql: "INSERT INTO given_up (host, time, gap, through, everything) VALUES (?, ?, ?, ?, ?) \(Self.both)"
        )
        for one in all {
            try insert.execute(arguments: [
                one.host, one.time, one.gap.map { Data($0) }, one.through, one.isEverything,
            ])
            try name(one.objects.map { Named(host: one.host, object: $0) })
        }
    }

    func settle(_ hosts: [GivenUp]) throws {
        let delete = try cachedStatement(sql: "DELETE FROM given_up WHERE host = ? AND through <= ?")
        let forget = try cachedStatement(sql: "DELETE FROM given_up_object WHERE host = ?")
        for host in hosts {
            try delete.execute(arguments: [host.host, host.through])
            if changesCount > 0 { try forget.execute(arguments: [host.host]) }
        }
    }

    private static let both = """
        ON CONFLICT (host) DO UPDATE SET time = min(time, excluded.time), gap = coalesce(gap, excluded.gap),
            through = max(through, excluded.through), everything = max(everything, excluded.everything)
        """

    /// An object, and whose it is.
    private struct Named {
        let host: String
        let object: GivenUp.Object

        init(host: String, object: GivenUp.Object) {
            (self.host, self.object) = (host, object)
        }

        /// A row of host, object, key and name.
        init(_ row: Row) {
            self.init(host: row[0], object: GivenUp.Object(object: row[1], key: row[2], name: row[3]))
        }
    }

    /// Adds to the hosts' objects; those that went first are those that a reader is likeliest to know.
    private func name(_ all: [Named]) throws {
        let insert = try cachedStatement(
            sql: """
                INSERT INTO given_up_object (host, object, key, name) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET name = excluded.name WHERE excluded.name <> ''
                """
        )
        let select = try cachedStatement(sql: "SELECT count(*) FROM given_up_object WHERE host = ?")
        let overflow = try cachedStatement(sql: "UPDATE given_up SET everything = 1 WHERE host = ?")
        for (host, all) in Dictionary(grouping: all, by: \.host) {
            let room = GivenUp.objectLimit - (try Int.fetchOne(select, arguments: [host]) ?? 0)
            for object in all.prefix(max(0, room)).map(\.object) {
                try insert.execute(arguments: [host, object.object, object.key, object.name])
            }
            if all.count > room { try overflow.execute(arguments: [host]) }
        }
    }
}
