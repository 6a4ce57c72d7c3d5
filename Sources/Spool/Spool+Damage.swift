internal import GRDB
internal import Synchronization

/// Damage where nothing looks when a database is opened: it is met later on, and the database is put aside then.
extension Spool {
    /// Whether the database on the disk was found to be damaged: to be left and returned to.
    ///
    /// Any thread, at once.
    package var isDamaged: Bool { state.withLock { $0.doubted != nil } }

    /// Does something with the database on the disk, and remembers when that turns out to be damaged, or cannot be read.
    func noting<Value>(_ body: () throws(SpoolError) -> Value) throws(SpoolError) -> Value {
        let disk = state.withLock(\.disk.database)
        do throws(SpoolError) {
            return try body()
        } catch {
            // Another may have taken its place meanwhile.
            if error.isDoubt { state.withLock { if $0.disk.database === disk { $0.doubted = $0.file } } }
            throw error
        }
    }

    /// Reads what is on the disk, whatever is in memory.
    func lookOnDisk<Value>(_ body: (Database) throws -> Value) throws(SpoolError) -> Value {
        try noting { () throws(SpoolError) in try Self.look(on: state.withLock(\.disk.database), body) }
    }

    /// Writes, and once more with the reserve given up when the disk is full.
    func notingOnFullDisk(_ write: () throws(SpoolError) -> Void) throws(SpoolError) {
        try noting { () throws(SpoolError) in
            do throws(SpoolError) {
                try write()
            } catch  where error.isDiskFull {
                giveUpReserve()
                try write()
            }
        }
    }
}
