import Foundation
import GRDB
import Spool
import Testing

/// Spools as former versions left them, down to the notes of their migrations.
@Suite("Spool migrations")
struct SpoolMigrationTests {
    private let folder = SpoolFolder()

    /// What each migration had made of a database; never to be changed.
    private static let made: [(name: String, sql: String)] = [
        (
            "1 records and watermark",
            """
            CREATE TABLE record (
                position INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, host TEXT NOT NULL,
                object TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, bytes BLOB NOT NULL
            );
            CREATE TABLE watermark (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL);
            INSERT INTO watermark VALUES (1, 7);
            INSERT INTO record VALUES (8, 1, 'h', 'o', 'k', 's', x'41'), (9, 2, 'h', 'o', 'k', 's', x'42');
            """
        ),
        (
            "2 pauses of hosts",
            """
            CREATE TABLE host_pause (host TEXT NOT NULL PRIMARY KEY, until INTEGER, "by" TEXT NOT NULL);
            INSERT INTO host_pause VALUES ('h', 5, 'op');
            """
        ),
        (
            "3 history and states",
            """
            ALTER TABLE record ADD COLUMN level TEXT;
            ALTER TABLE record ADD COLUMN replay_of INTEGER;
            CREATE TABLE settled (first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
            CREATE TABLE dead_letter (position INTEGER PRIMARY KEY, time INTEGER NOT NULL, reason TEXT NOT NULL);
            CREATE TABLE object (
                id INTEGER PRIMARY KEY, host TEXT NOT NULL, object TEXT NOT NULL, key TEXT NOT NULL,
                UNIQUE (host, object, key)
            );
            CREATE TABLE state (
                id INTEGER PRIMARY KEY, object INTEGER NOT NULL, time INTEGER NOT NULL, name TEXT NOT NULL,
                present INTEGER NOT NULL, persistent INTEGER NOT NULL, active INTEGER NOT NULL, state TEXT NOT NULL
            );
            CREATE INDEX state_of_object ON state (object, id);
            CREATE TABLE horizon (id INTEGER PRIMARY KEY CHECK (id = 1), time INTEGER NOT NULL);
            INSERT INTO horizon VALUES (1, 0);
            INSERT INTO object VALUES (1, 'h', 'domain', 'u'), (2, 'h', 'domain', 'v'), (3, 'nothing', 'domain', 'w');
            INSERT INTO state VALUES
                (1, 1, 3, 'vm', 1, 1, 1, 'running'), (2, 2, 4, 'other', 1, 1, 1, 'running'),
                (3, 1, 5, 'vm', 1, 1, 1, 'paused'), (4, 1, 7, 'vm', 1, 1, 0, 'shutoff');
            """
        ),
        (
            "4 hearing",
            """
            CREATE TABLE hearing (
                host TEXT NOT NULL, object TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (host, object)
            ) WITHOUT ROWID;
            CREATE TABLE hypervisor (host TEXT NOT NULL PRIMARY KEY, uuid TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE given_up (host TEXT NOT NULL PRIMARY KEY, time INTEGER NOT NULL, gap BLOB) WITHOUT ROWID;
            INSERT INTO given_up VALUES ('h', 4, NULL);
            INSERT INTO hearing VALUES ('h', '', 7), ('h', 'domain', 6);
            INSERT INTO hypervisor VALUES ('h', 'u');
            """
        ),
        ("5 how much was given up", "ALTER TABLE given_up ADD COLUMN through INTEGER NOT NULL DEFAULT 0"),
        (
            "6 of which objects",
            """
            ALTER TABLE record ADD COLUMN key TEXT NOT NULL DEFAULT '';
            ALTER TABLE given_up ADD COLUMN everything INTEGER NOT NULL DEFAULT 1;
            CREATE TABLE given_up_object (
                host TEXT NOT NULL, object TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
                PRIMARY KEY (host, object, key)
            ) WITHOUT ROWID;
            """
        ),
        (
            "7 chains of states",
            """
            ALTER TABLE state ADD COLUMN previous INTEGER NOT NULL DEFAULT 0;
            UPDATE state SET previous = 1 WHERE id = 3;
            UPDATE state SET previous = 3 WHERE id = 4;
            DROP INDEX state_of_object;
            DELETE FROM object WHERE id = 3;
            CREATE TABLE latest (object INTEGER PRIMARY KEY, state INTEGER NOT NULL);
            INSERT INTO latest VALUES (1, 4), (2, 2);
            """
        ),
        (
            "8 what was given up has revisions",
            """
            ALTER TABLE given_up RENAME COLUMN through TO revision;
            ALTER TABLE given_up ADD COLUMN names INTEGER NOT NULL DEFAULT 0;
            """
        ),
        (
            "9 copies that were told again",
            "CREATE INDEX copy ON record (position) WHERE replay_of IS NOT NULL"
        ),
    ]

    /// What the rows of the third migration say of each time.
    private static let told: [(time: Int64, states: [String])] = [
        (2, []), (3, ["vm running"]), (4, ["vm running", "other running"]), (5, ["vm paused", "other running"]),
        (6, ["vm paused", "other running"]), (7, ["vm shutoff", "other running"]),
    ]

    /// The migrations of each version, and of one between two versions that had the seventh before the sixth.
    private static let versions = (1...made.count).map { Array(1...$0) } + [[1, 2, 3, 4, 5, 7]]

    @Test("a spool of any version is brought up with all it holds", arguments: versions)
    func migrates(version: [Int]) throws {
        try leave(version)
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == nil)
        #expect(try spool.watermark() == 7)
        #expect(spool.last == 9)
        #expect(try spool.waiting() == 2)
        #expect(texts(try spool.next(after: 0, limit: 9)) == ["A", "B"])
        #expect(try spool.pauses().map(\.by) == (version.contains(2) ? ["op"] : []))
        #expect(try spool.states().map(\.name) == (version.contains(3) ? ["other", "vm"] : []))
        let history = try SpoolHistory(folder: folder.path)
        func states(at time: Int64) throws -> [String] {
            try history.states(at: time, after: 0) { _ in true }.found.map { "\($0.name) \($0.state)" }
        }
        for (time, expected) in Self.told { #expect(try states(at: time) == (version.contains(3) ? expected : [])) }
        #expect(try history.hosts() == (version.contains(3) ? ["h"] : []))
        let noted = [HostHearing(host: "h", time: 7), HostHearing(host: "h", object: "domain", time: 6)]
        #expect(try spool.hearings() == (version.contains(4) ? noted : []))
        #expect(try spool.identities().map(\.uuid) == (version.contains(4) ? ["u"] : []))
        #expect(try spool.givenUp() == (version.contains(4) ? [GivenUp(host: "h", time: 4)] : []))
        #expect(try spool.keep(HearingNote(hearings: [HostHearing(host: "h", time: 8)])))
        try spool.acknowledge(through: 8, ahead: [])
        #expect(
            try spool.append(SpoolBatch(records: [record("C", level: "l")], changes: [.domain("a", "running", at: 1)]))
                .last == 10
        )
    }

    /// Makes a spool as a version had left it.
    private func leave(_ version: [Int], with sql: String = "") throws {
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let old = try DatabaseQueue(path: "\(folder.path)/spool.sqlite")
        try old.write { db in
            try db.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            for migration in version.map({ Self.made[$0 - 1] }) {
                try db.execute(sql: migration.sql)
                try db.execute(sql: "INSERT INTO grdb_migrations VALUES (?)", arguments: [migration.name])
            }
            try db.execute(sql: sql)
        }
        try old.close()
    }

    @Test("what has ended of a host of which a former version had given something up is named")
    func ended() throws {
        try leave(
            Array(1...5),
            with: """
                INSERT INTO object VALUES (12, 'h', 'domain', 'early'), (13, 'h', 'domain', 'late'), (14, 'i', 'domain', 'i');
                INSERT INTO state VALUES (12, 12, 3, '', 0, 0, 0, ''), (13, 13, 3, 'old', 1, 1, 1, ''),
                    (14, 13, 5, '', 0, 0, 0, ''), (15, 14, 5, '', 0, 0, 0, ''), (16, 13, 6, '', 0, 0, 0, '');
                """
        )
        // It had ended well: nothing is noted at the start.
        try Data().write(to: URL(fileURLWithPath: "\(folder.path)/whole"))
        let spool = try Spool(folder: folder.path)
        let objects = [GivenUp.Object(object: "domain", key: "late", name: "old")]
        #expect(try spool.givenUp() == [GivenUp(host: "h", time: 4, objects: objects)])
        try spool.giveUp([GivenUp(host: "h", time: 4, objects: objects)])
        #expect(try spool.givenUp().map(\.objects) == [objects])
    }

    @Test("what a new spool is made of is what these migrations made")
    func unchanged() throws {
        let path = "\(folder.path)/spool.sqlite"
        _ = try Spool(folder: folder.path)
        let old = try DatabaseQueue()
        for migration in Self.made { try old.write { try $0.execute(sql: migration.sql) } }
        func shape(_ database: DatabaseQueue) throws -> [String] {
            try database.read { db in
                // Indexes have no columns in the first of them, and those of keys no SQL.
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk
                            || ' ' || coalesce(c.dflt_value, '')
                        FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.name NOT LIKE '%grdb%'
                        UNION ALL
                        SELECT m.name || ' of ' || m.tbl_name || ' ' || i.seqno || ' ' || i.name || ' '
                            || coalesce(m.sql, '')
                        FROM sqlite_master AS m JOIN pragma_index_info(m.name) AS i
                        WHERE m.type = 'index' AND m.tbl_name NOT LIKE '%grdb%'
                        UNION ALL
                        SELECT m.type || ' ' || m.name FROM sqlite_master AS m WHERE m.name NOT LIKE '%grdb%'
                        """
                )
            }
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.sorted()
        }
        #expect(try shape(try DatabaseQueue(path: path)) == shape(old))
    }
}
