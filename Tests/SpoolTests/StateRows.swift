import GRDB

/// Looks into a spool's file, past the spool.
enum StateRows {
    static func times(in folder: String) throws -> [Int64] {
        let database = try DatabaseQueue(path: "\(folder)/spool.sqlite")
        return try database.read { try Int64.fetchAll($0, sql: "SELECT time FROM state ORDER BY id") }
    }
}
