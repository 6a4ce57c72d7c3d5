import Foundation
import GRDB
import Spool
import Testing

@Suite("Pauses in the spool")
struct HostPauseTests {
    private let folder = NSTemporaryDirectory() + "va-spool-\(UUID().uuidString)"

    private func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("they survive being reopened, and are replaced as a whole")
    func survive() throws {
        defer { remove() }
        let first = [HostPause(host: "a", until: 42, by: "op"), HostPause(host: "b", until: nil, by: "it's \"me\"")]
        do {
            let spool = try Spool(folder: folder)
            #expect(try spool.pauses() == [])
            try spool.replacePauses(first.reversed())
        }
        do {
            let spool = try Spool(folder: folder)
            #expect(try spool.pauses() == first)
            try spool.replacePauses([HostPause(host: "c", until: nil, by: "op")])
        }
        #expect(try Spool(folder: folder).pauses().map(\.host) == ["c"])
    }

    @Test("one that cannot be stored leaves those before")
    func whole() throws {
        defer { remove() }
        let spool = try Spool(folder: folder)
        try spool.replacePauses([HostPause(host: "a", until: nil, by: "op")])
        let twice = HostPause(host: "b", until: nil, by: "op")
        #expect(throws: SpoolError.self) { try spool.replacePauses([twice, twice]) }
        #expect(try spool.pauses().map(\.host) == ["a"])
    }

    @Test("a spool of the version before is brought up with all it holds")
    func migrates() throws {
        defer { remove() }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            // As that version left it, down to the note of its migration.
            let old = try DatabaseQueue(path: "\(folder)/spool.sqlite")
            try old.write { db in
                try db.execute(
                    sql: """
                        CREATE TABLE record (
                            position INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, host TEXT NOT NULL,
                            object TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, bytes BLOB NOT NULL
                        );
                        CREATE TABLE watermark (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL);
                        INSERT INTO watermark VALUES (1, 7);
                        INSERT INTO record VALUES (8, 1, 'h', 'o', 'k', '', x'41');
                        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                        INSERT INTO grdb_migrations VALUES ('1 records and watermark');
                        """
                )
            }
            try old.close()
        }
        let spool = try Spool(folder: folder)
        #expect(try spool.watermark() == 7)
        #expect(try spool.next(after: 0, limit: 9).map(\.position) == [8])
        #expect(try spool.pauses() == [])
        try spool.replacePauses([HostPause(host: "a", until: 1, by: "op")])
        #expect(try spool.pauses().count == 1)
    }
}
