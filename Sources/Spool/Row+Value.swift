internal import Foundation
internal import GRDB

/// Reading rows of which nobody knows what a disk has made of them.
///
/// SQLite gives out what a damaged page says, without a word: a sector of zeros within one is rows in which each value is
/// NULL. GRDB's own `row[n]` ends the process there.
extension Row {
    /// The value of a column.
    ///
    /// - Throws: `DatabaseError` of damage when it has none, or another type's.
    @inline(__always)
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ index: Int) throws -> Value {
        do {
            return try decode(Value.self, atIndex: index)
        } catch {
            throw DatabaseError.damage("a row has no such value")
        }
    }

    /// The bytes of a column; `nil` for NULL.
    func bytes(_ index: Int) throws -> [UInt8]? {
        try withUnsafeData(atIndex: index) { $0.map(Array.init) }
    }

    /// The bytes of a record.
    ///
    /// - Throws: `DatabaseError` of damage when there are none.
    func eventBytes(_ index: Int) throws -> [UInt8] {
        guard let bytes = try bytes(index) else { throw DatabaseError.damage("a record has no bytes") }
        return bytes
    }
}

extension DatabaseError {
    /// Damage that SQLite itself does not see.
    ///
    /// - Parameter what: In words for the operator.
    static func damage(_ what: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: what)
    }
}
