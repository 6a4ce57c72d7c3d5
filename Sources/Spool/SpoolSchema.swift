internal import GRDB

/// The spool's tables: migrations are named, append-only, and part of the contract with the operator.
enum SpoolSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 records and watermark") { db in
            // AUTOINCREMENT: a position is not used again after its record is gone, or an old acknowledgement would
            // count for a new event.
            try db.execute(
                sql: """
                    CREATE TABLE record (
                        position INTEGER PRIMARY KEY AUTOINCREMENT,
                        time INTEGER NOT NULL,
                        host TEXT NOT NULL,
                        object TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        subject TEXT NOT NULL,
                        bytes BLOB NOT NULL
                    );
                    CREATE TABLE watermark (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        position INTEGER NOT NULL
                    );
                    INSERT INTO watermark VALUES (1, 0);
                    """
            )
        }
        migrator.registerMigration("2 pauses of hosts") { db in
            try db.execute(
                sql: #"CREATE TABLE host_pause (host TEXT NOT NULL PRIMARY KEY, until INTEGER, "by" TEXT NOT NULL)"#
            )
        }
        return migrator
    }
}
