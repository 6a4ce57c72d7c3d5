internal import Foundation
internal import GRDB
internal import Synchronization

/// What had to go of a host before it was sent, so that other records found room.
///
/// The state that is kept of the host is ahead then of what the bus was told, until that is told anew.
package struct GivenUp: Hashable, Sendable {
    package let host: String

    /// When the first of it was observed, in microseconds since 1970.
    package let time: Int64

    /// The first of the host's gaps that was among it, if any: its interval has been told to nobody.
    package let gap: [UInt8]?

    /// The last position that has gone: tells whether more has since.
    package let through: Int64

    /// Objects that have ended since, whose end is told nowhere else any more.
    package let ended: [Ended]

    package struct Ended: Hashable, Sendable {
        package let object: String
        package let key: String

        package init(object: String, key: String) {
            self.object = object
            self.key = key
        }
    }

    /// How many of these a host may have.
    static let endedLimit = 4_096

    package init(host: String, time: Int64, gap: [UInt8]? = nil, through: Int64 = 0, ended: [Ended] = []) {
        self.host = host
        self.time = time
        self.gap = gap
        self.through = through
        self.ended = ended
    }
}

extension Spool {
    /// The hosts of which something had to go.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func givenUp() throws(SpoolError) -> [GivenUp] {
        try Self.look(on: state.withLock { $0.memory ?? $0.disk }) { try $0.givenUp() }
    }

    /// Notes that of these hosts anything may be missing.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func giveUp(_ hosts: [GivenUp]) throws(SpoolError) {
        try Self.perform("note what was given up", on: state.withLock { $0.memory ?? $0.disk }) { try $0.insert(hosts) }
    }

    /// Notes that it has been told anew; what has gone since stays.
    ///
    /// - Throws: ``SpoolError`` with code `failed`; then it is told anew once more.
    package func settle(_ hosts: [GivenUp]) throws(SpoolError) {
        try Self.perform("settle what was given up", on: state.withLock { $0.memory ?? $0.disk }) { db in
            let delete = try db.cachedStatement(sql: "DELETE FROM given_up WHERE host = ? AND through <= ?")
            for host in hosts { try delete.execute(arguments: [host.host, host.through]) }
        }
    }
}

extension Database {
    func givenUp() throws -> [GivenUp] {
        try Row.fetchAll(self, sql: "SELECT host, time, gap, through FROM given_up ORDER BY host").map { row in
            let gap = try row.withUnsafeData(atIndex: 2) { $0.map(Array.init) }
            let ended = try ended(of: row[0], since: row[1])
            return GivenUp(host: row[0], time: row[1], gap: gap, through: row[3], ended: ended)
        }
    }

    private func ended(of host: String, since time: Int64) throws -> [GivenUp.Ended] {
        let select = try cachedStatement(
            sql: """
                SELECT object.object, object.key FROM object JOIN state
                    ON state.id = (SELECT state FROM latest WHERE latest.object = object.id)
                WHERE object.host = ? AND object.key <> '' AND NOT state.present AND state.time >= ?
                ORDER BY state.id DESC LIMIT \(GivenUp.endedLimit)
                """
        )
        return try Row.fetchAll(select, arguments: [host, time]).map { GivenUp.Ended(object: $0[0], key: $0[1]) }
    }

    /// Notes whose records these are, before they go.
    func noteGivenUp(_ range: ClosedRange<Int64>) throws {
        try cachedStatement(
            sql: """
                INSERT INTO given_up (host, time, through, gap)
                SELECT host, min(time), :last, (
                    SELECT bytes FROM record AS told
                    WHERE told.position BETWEEN :first AND :last AND told.host = record.host AND told.object = 'host'
                        AND told.kind = 'gap' AND told.replay_of IS NULL
                    ORDER BY told.position LIMIT 1
                )
                FROM record
                WHERE position BETWEEN :first AND :last AND host <> '' AND replay_of IS NULL
                GROUP BY host
                ON CONFLICT (host) DO UPDATE SET time = min(time, excluded.time), gap = coalesce(gap, excluded.gap),
                    through = max(through, excluded.through)
                """
        )
        .execute(arguments: ["first": range.lowerBound, "last": range.upperBound])
    }

    /// Notes that of every host anything may be missing.
    func noteEverythingGivenUp() throws {
        try execute(
            sql: """
                INSERT INTO given_up (host, time, through)
                SELECT object.host, coalesce(
                    (SELECT time FROM hearing WHERE hearing.host = object.host AND hearing.object = ''),
                    (SELECT state.time FROM latest JOIN state ON state.id = latest.state WHERE latest.object = object.id)
                ), ?
                FROM object WHERE object.object = 'host'
                ON CONFLICT (host) DO UPDATE SET
                    time = min(time, excluded.time), through = max(through, excluded.through)
                """,
            arguments: [try lastPosition()]
        )
    }

    func insert(_ all: [GivenUp]) throws {
        let insert = try cachedStatement(
            sql: """
                INSERT INTO given_up (host, time, gap, through) VALUES (?, ?, ?, ?)
                ON CONFLICT (host) DO UPDATE SET time = min(time, excluded.time), gap = coalesce(gap, excluded.gap),
                    through = max(through, excluded.through)
                """
        )
        for one in all { try insert.execute(arguments: [one.host, one.time, one.gap.map { Data($0) }, one.through]) }
    }
}
