internal import GRDB
internal import GRDBSQLite

/// A statement that is executed for every event, without what GRDB does around each execution.
///
/// GRDB boxes each argument, and looks for observers before and after: as much again as SQLite takes for the row. Nobody
/// observes the spool, and what fails here ends the transaction, so none of it is missed.
struct PlainStatement {
    private let database: Database

    /// Cached by the connection, which outlives this.
    private let statement: Statement

    init(_ sql: String, on database: Database) throws {
        self.database = database
        statement = try database.cachedStatement(sql: sql)
    }

    /// Executes it with these values.
    ///
    /// - Parameter last: The value after them, if there is one more and it is a blob: not copied.
    /// - Throws: `DatabaseError`, as GRDB does.
    func callAsFunction<each Value: PlainValue>(_ values: repeat each Value, last: [UInt8]? = nil) throws {
        var index: CInt = 0
        func bind(_ value: some PlainValue) throws {
            index += 1
            try check(value.bind(to: statement.sqliteStatement, at: index), is: SQLITE_OK)
        }
        repeat try bind(each values)
        assert(sqlite3_bind_parameter_count(statement.sqliteStatement) == index + (last == nil ? 0 : 1))
        guard let last else { return try step() }
        try last.withUnsafeBytes { bytes in
            // SQLite takes no address for NULL, which an empty array may have.
            let code =
                bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement.sqliteStatement, index + 1, 0)
                : sqlite3_bind_blob64(
                    statement.sqliteStatement,
                    index + 1,
                    bytes.baseAddress,
                    sqlite3_uint64(bytes.count),
                    nil
                )
            try check(code, is: SQLITE_OK)
            // The bytes are not there any longer than this.
            defer { sqlite3_clear_bindings(statement.sqliteStatement) }
            try step()
        }
    }

    private func step() throws {
        // What the step says is said again by the reset.
        defer { sqlite3_reset(statement.sqliteStatement) }
        try check(sqlite3_step(statement.sqliteStatement), is: SQLITE_DONE)
    }

    private func check(_ code: CInt, is expected: CInt) throws {
        guard code == expected else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: database.lastErrorMessage,
                sql: statement.sql
            )
        }
    }
}
