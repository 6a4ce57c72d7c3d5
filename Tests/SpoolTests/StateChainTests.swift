import GRDB
import Testing

@testable import Spool

/// What a spool of a former version is made into, where that is not without a price.
@Suite("Chains of states")
struct StateChainTests {
    private let folder = SpoolFolder()

    private func former() throws -> DatabaseQueue {
        let database = try DatabaseQueue()
        try SpoolSchema.migrator().migrate(database, upTo: "6 of which objects")
        try database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO object VALUES (1, 'h', 'domain', 'a'), (2, 'h', 'domain', 'b'), (3, 'h', 'domain', 'none');
                    INSERT INTO state VALUES (1, 1, 10, 'a', 1, 1, 1, 'running'), (2, 2, 20, 'b', 1, 1, 1, 'running'),
                        (4, 1, 40, 'a', 1, 1, 1, 'paused'), (7, 1, 30, 'a', 1, 1, 0, 'shutoff');
                    """
            )
        }
        return database
    }

    private func rows(_ database: DatabaseQueue) throws -> [[Int64]] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT id, object, previous FROM state ORDER BY id").map {
                [$0[0], $0[1], $0[2]]
            }
        }
    }

    @Test("each row names the one before it")
    func whole() throws {
        let database = try former()
        try SpoolSchema.migrator().migrate(database)
        #expect(try rows(database) == [[1, 1, 0], [2, 2, 0], [4, 1, 1], [7, 1, 4]])
        #expect(try database.read { try String.fetchAll($0, sql: "SELECT key FROM object ORDER BY id") } == ["a", "b"])
        #expect(try database.read { try $0.latestChanges() } == database.read { try $0.latestChangesFound() })
    }

    @Test("where there is no room for the history it is left behind, and what was before is unknown")
    func short() throws {
        let database = try former()
        try SpoolSchema.migrator { bytes in bytes < 4 * 100 }.migrate(database)
        #expect(try rows(database) == [[2, 2, 0], [7, 1, 0]])
        #expect(try database.read { try Int64.fetchOne($0, sql: "SELECT time FROM horizon") } == 40)
    }

    @Test("a spool that a later version has made is left alone, and says so")
    func later() throws {
        _ = try Spool(folder: folder.path)
        let database = try DatabaseQueue(path: "\(folder.path)/spool.sqlite")
        try database.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 of tomorrow')") }
        try database.close()
        let error = #expect(throws: SpoolError.self) { try Spool(folder: folder.path) }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains("made by a later version") == true)
    }

    @Test("an object whose place is lost begins anew")
    func lostPlace() throws {
        let spool = try Spool(folder: folder.path)
        try spool.append(SpoolBatch(changes: [.domain("a", "running", at: 1), .domain("b", "running", at: 2)]))
        let database = try DatabaseQueue(path: "\(folder.path)/spool.sqlite")
        try database.write { try $0.execute(sql: "DELETE FROM latest WHERE object = 1") }
        try spool.append(SpoolBatch(changes: [.domain("a", "paused", at: 3)]))
        #expect(try spool.states().map(\.state) == ["running", "paused"])
    }
}
