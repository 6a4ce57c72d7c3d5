internal import GRDB

/// The spool's tables: migrations are named, append-only, and part of the contract with the operator.
enum SpoolSchema {
    /// - Parameter hasRoom: Whether there is room for so many bytes beside the database: else what can be left behind is.
    static func migrator(hasRoom: @escaping @Sendable (_ bytes: Int) -> Bool = { _ in true }) -> DatabaseMigrator {
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
        migrator.registerMigration("3 history and states") { db in
            // No index on record: three of them make an append cost five times as much, and what looks back can scan.
            try db.execute(
                sql: """
                    ALTER TABLE record ADD COLUMN level TEXT;
                    ALTER TABLE record ADD COLUMN replay_of INTEGER;
                    CREATE TABLE settled (
                        first INTEGER PRIMARY KEY,
                        last INTEGER NOT NULL
                    );
                    CREATE TABLE dead_letter (
                        position INTEGER PRIMARY KEY,
                        time INTEGER NOT NULL,
                        reason TEXT NOT NULL
                    );
                    CREATE TABLE object (
                        id INTEGER PRIMARY KEY,
                        host TEXT NOT NULL,
                        object TEXT NOT NULL,
                        key TEXT NOT NULL,
                        UNIQUE (host, object, key)
                    );
                    CREATE TABLE state (
                        id INTEGER PRIMARY KEY,
                        object INTEGER NOT NULL,
                        time INTEGER NOT NULL,
                        name TEXT NOT NULL,
                        present INTEGER NOT NULL,
                        persistent INTEGER NOT NULL,
                        active INTEGER NOT NULL,
                        state TEXT NOT NULL
                    );
                    CREATE INDEX state_of_object ON state (object, id);
                    CREATE TABLE horizon (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        time INTEGER NOT NULL
                    );
                    INSERT INTO horizon VALUES (1, 0);
                    """
            )
        }
        migrator.registerMigration("4 hearing") { db in
            try db.execute(
                sql: """
                    CREATE TABLE hearing (
                        host TEXT NOT NULL,
                        object TEXT NOT NULL,
                        time INTEGER NOT NULL,
                        PRIMARY KEY (host, object)
                    ) WITHOUT ROWID;
                    CREATE TABLE hypervisor (
                        host TEXT NOT NULL PRIMARY KEY,
                        uuid TEXT NOT NULL
                    ) WITHOUT ROWID;
                    CREATE TABLE given_up (
                        host TEXT NOT NULL PRIMARY KEY,
                        time INTEGER NOT NULL,
                        gap BLOB
                    ) WITHOUT ROWID;
                    """
            )
        }
        migrator.registerMigration("5 how much was given up") { db in
            try db.execute(sql: "ALTER TABLE given_up ADD COLUMN through INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("6 of which objects") { db in
            // What was given up by a version before this may be of any object.
            try db.execute(
                sql: """
                    ALTER TABLE record ADD COLUMN key TEXT NOT NULL DEFAULT '';
                    ALTER TABLE given_up ADD COLUMN everything INTEGER NOT NULL DEFAULT 1;
                    CREATE TABLE given_up_object (
                        host TEXT NOT NULL,
                        object TEXT NOT NULL,
                        key TEXT NOT NULL,
                        name TEXT NOT NULL,
                        PRIMARY KEY (host, object, key)
                    ) WITHOUT ROWID;
                    """
            )
        }
        migrator.registerMigration("7 chains of states") { db in
            // An index of the history has an object's rows in a page of its own, and each event wrote one: with 800,000
            // rows an event cost half as much again. What is latest is in a few pages.
            try db.execute(
                sql: """
                    CREATE TABLE latest (
                        object INTEGER PRIMARY KEY,
                        state INTEGER NOT NULL
                    );
                    INSERT INTO latest SELECT object, max(id) FROM state GROUP BY object;
                    DELETE FROM object WHERE id NOT IN (SELECT object FROM latest);
                    ALTER TABLE state RENAME TO former;
                    CREATE TABLE state (
                        id INTEGER PRIMARY KEY,
                        object INTEGER NOT NULL,
                        time INTEGER NOT NULL,
                        name TEXT NOT NULL,
                        present INTEGER NOT NULL,
                        persistent INTEGER NOT NULL,
                        active INTEGER NOT NULL,
                        state TEXT NOT NULL,
                        previous INTEGER NOT NULL DEFAULT 0
                    );
                    """
            )
            // A row has some 60 bytes, in the new table and in the log.
            let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM former") ?? 0
            if hasRoom(count * 160) {
                try db.execute(
                    sql: """
                        INSERT INTO state SELECT *, coalesce((
                            SELECT max(id) FROM former AS before
                            WHERE before.object = former.object AND before.id < former.id
                        ), 0) FROM former ORDER BY id
                        """
                )
            } else {
                // A service that starts without what once was is better than one that does not.
                try db.execute(
                    sql: """
                        INSERT INTO state SELECT *, 0 FROM former WHERE id IN (SELECT state FROM latest) ORDER BY id;
                        UPDATE horizon SET time = max(time, (SELECT coalesce(max(time), 0) FROM former));
                        """
                )
            }
            // With its index; its pages are filled again.
            try db.execute(sql: "DROP TABLE former")
        }
        migrator.registerMigration("8 what was given up has revisions") { db in
            // What had ended of a host of which a version before 6 has noted something was to be found in the states.
            try db.execute(
                sql: """
                    ALTER TABLE given_up RENAME COLUMN through TO revision;
                    ALTER TABLE given_up ADD COLUMN names INTEGER NOT NULL DEFAULT 0;
                    INSERT OR IGNORE INTO given_up_object
                    SELECT host, object, key, coalesce((
                        WITH RECURSIVE former (name, present, previous) AS (
                            SELECT name, present, previous FROM state WHERE id = ended.previous
                            UNION ALL
                            SELECT state.name, state.present, state.previous
                            FROM former JOIN state ON state.id = former.previous WHERE NOT former.present
                        )
                        SELECT name FROM former WHERE present
                    ), '')
                    FROM (
                        SELECT object.host, object.object, object.key, state.previous,
                            row_number() OVER (PARTITION BY object.host ORDER BY state.id) AS number
                        FROM given_up JOIN object ON object.host = given_up.host
                        JOIN latest ON latest.object = object.id JOIN state ON state.id = latest.state
                        WHERE given_up.everything AND object.key <> '' AND NOT state.present
                            AND state.time >= given_up.time
                    ) AS ended
                    WHERE number <= 4096;
                    UPDATE given_up
                    SET names = (SELECT count(*) FROM given_up_object WHERE given_up_object.host = given_up.host);
                    """
            )
        }
        migrator.registerMigration("9 copies that were told again") { db in
            // Only they are in it: what is told for the first time costs nothing more.
            try db.execute(sql: "CREATE INDEX copy ON record (position) WHERE replay_of IS NOT NULL")
        }
        return migrator
    }
}
