internal import GRDB
internal import GRDBSQLite

/// What a ``PlainStatement`` can be executed with.
///
/// GRDB's own binding makes an array of each text first, to have it end with a zero; SQLite takes it by its length, too.
protocol PlainValue {
    /// - Returns: SQLite's code.
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt
}

extension Int64: PlainValue {}
extension Bool: PlainValue {}

extension String: PlainValue {
    /// Has SQLite take a copy, as `SQLITE_TRANSIENT` says, which is a cast that Swift does not import.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                // No address would be NULL.
                guard let address = bytes.baseAddress else {
                    return sqlite3_bind_text(statement, index, "", 0, Self.copied)
                }
                return sqlite3_bind_text(statement, index, address, CInt(clamping: bytes.count), Self.copied)
            }
        }
    }
}

extension Optional: PlainValue where Wrapped: PlainValue {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        guard let value = self else { return sqlite3_bind_null(statement, index) }
        return value.bind(to: statement, at: index)
    }
}
