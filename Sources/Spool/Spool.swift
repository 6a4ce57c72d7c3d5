internal import Foundation
internal import GRDB

/// The journal between hearing and sending: what is appended here reaches the bus, through any crash of ours.
///
/// SQLite in a folder that one process may use. All methods block for the time of a disk access; call them from a queue
/// that may, and from as many as you like: the database is used by one caller at a time.
///
/// An acknowledgement is one watermark: everything up to it has been seen on the bus, and is removed.
package final class Spool: Sendable {
    /// What a committed append survives.
    package enum Durability: String, CaseIterable, Sendable {
        /// The death of the process, at any moment.
        case process
        /// That, and the loss of power: one `fsync` per commit.
        case power
    }

    /// Where a database that could not be read was put when this one was begun anew; `nil` when there was none.
    package let movedAside: String?

    private let database: DatabaseQueue
    private let lock: SpoolLock

    /// Opens the spool in a folder, which is made when missing; a database that is damaged is put aside, and one is begun
    /// anew.
    ///
    /// - Throws: ``SpoolError`` with code `locked` or `unusable`.
    package init(folder: String, durability: Durability = .process) throws(SpoolError) {
        if !FileManager.default.fileExists(atPath: folder) {
            // What guests are called and do is nobody else's business.
            try? FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        lock = try SpoolLock(folder: folder)
        let path = "\(folder)/spool.sqlite"
        let opened = try SpoolFile(path: path, durability: durability).open()
        database = opened.database
        movedAside = opened.movedAside
    }

    /// Appends records in one transaction, in order.
    ///
    /// - Returns: The position of the last one.
    /// - Throws: ``SpoolError`` with code `failed`; then none of them is in the spool.
    @discardableResult
    package func append(_ records: [SpoolRecord]) throws(SpoolError) -> Int64 {
        try perform("append") { db in
            let insert = try db.cachedStatement(
                sql: "INSERT INTO record (time, host, object, kind, subject, bytes) VALUES (?, ?, ?, ?, ?, ?)"
            )
            for record in records {
                try insert.execute(arguments: [
                    record.time, record.host, record.object, record.kind, record.subject, Data(record.bytes),
                ])
            }
            return db.lastInsertedRowID
        }
    }

    /// The records after a position, oldest first.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func next(after position: Int64, limit: Int) throws(SpoolError) -> [SpooledEvent] {
        try perform("read") { db in
            let select = try db.cachedStatement(
                sql: "SELECT position, host, bytes FROM record WHERE position > ? ORDER BY position LIMIT ?"
            )
            var events: [SpooledEvent] = []
            let rows = try Row.fetchCursor(select, arguments: [position, limit])
            while let row = try rows.next() {
                let bytes = try row.withUnsafeData(atIndex: 2) { $0.map(Array.init) ?? [] }
                events.append(SpooledEvent(position: row[0], host: row[1], bytes: bytes))
            }
            return events
        }
    }

    /// Notes that everything up to a position has been seen on the bus, and removes it.
    ///
    /// - Throws: ``SpoolError`` with code `failed`; what is sent again then has the same `relay.id`.
    package func acknowledge(through position: Int64) throws(SpoolError) {
        try perform("acknowledge") { db in
            try db.cachedStatement(sql: "UPDATE watermark SET position = ? WHERE position < ?")
                .execute(arguments: [position, position])
            try db.cachedStatement(sql: "DELETE FROM record WHERE position <= ?").execute(arguments: [position])
        }
    }

    /// The position up to which everything is acknowledged.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func watermark() throws(SpoolError) -> Int64 {
        try perform("read") { db in try Int64.fetchOne(db, sql: "SELECT position FROM watermark") ?? 0 }
    }

    /// How many records are not acknowledged.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func waiting() throws(SpoolError) -> Int {
        try perform("read") { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM record") ?? 0 }
    }

    /// Runs `body` in one transaction; SQLite's error becomes ours.
    func perform<Value>(
        _ operation: String,
        _ body: (Database) throws -> Value
    ) throws(SpoolError) -> Value {
        do {
            return try database.write(body)
        } catch {
            throw SpoolError(
                code: .failed,
                message: "the spool cannot \(operation): \(error)",
                hint: "check the disk"
            )
        }
    }
}
