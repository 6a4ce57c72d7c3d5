internal import Synchronization

/// Damage where nothing looks when a database is opened: it is met later on, and the database is put aside then.
extension Spool {
    /// Whether the database on the disk was found to be damaged: to be left and returned to.
    ///
    /// Any thread, at once.
    package var isDamaged: Bool { state.withLock { $0.doubted != nil } }

    /// Does something with the database on the disk, and remembers when that turns out to be damaged.
    func noting<Value>(_ body: () throws(SpoolError) -> Value) throws(SpoolError) -> Value {
        let disk = state.withLock(\.disk.database)
        do throws(SpoolError) {
            return try body()
        } catch {
            // Another may have taken its place meanwhile.
            if error.isDamage { state.withLock { if $0.disk.database === disk { $0.doubted = $0.file } } }
            throw error
        }
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
