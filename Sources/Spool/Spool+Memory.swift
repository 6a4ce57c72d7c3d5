internal import GRDB
internal import Synchronization

/// A disk that fails does not make the service deaf: new records are kept in memory, within a bound, until it works again.
extension Spool {
    /// 64 MiB, some 120,000 events; beyond that ``SpoolLimits/whenFull`` decides, as on a disk.
    static let memoryLimit = 64 << 20

    /// From here on records are kept in memory.
    ///
    /// Called between appends, by whoever appends.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func leaveDisk() throws(SpoolError) {
        guard state.withLock({ $0.memory == nil }) else { return }
        let last = state.withLock(\.last)
        do {
            let memory = try DatabaseQueue()
            try SpoolSchema.migrator.migrate(memory)
            try memory.write { try $0.continuePositions(after: last) }
            let known = try? Self.look(on: state.withLock(\.disk)) { (try $0.watermark(), try $0.settledAhead()) }
            if let known { try memory.write { try $0.acknowledge(through: known.0, ahead: known.1) } }
            state.withLock { state in
                state.memory = memory
                state.lastOnDisk = last
            }
        } catch {
            throw SpoolError("keep records in memory", error)
        }
    }

    /// Puts what is in memory on the disk, if that works again; a database that turns out to be damaged is put aside.
    ///
    /// Called between appends, by whoever appends.
    ///
    /// - Returns: Where a damaged database was put.
    /// - Throws: ``SpoolError`` with code `unusable` or `failed`; then records are still kept in memory.
    package func returnToDisk() throws(SpoolError) -> String? {
        guard let memory = state.withLock(\.memory) else { return nil }
        let opened = try file.open()
        let lastOnDisk = state.withLock(\.lastOnDisk)
        let isNew = opened.last < lastOnDisk
        let changes = try Self.look(on: memory) { try $0.allChanges() }
        try Self.perform("write what was kept in memory", on: opened.database) { db in
            if isNew { try db.continuePositions(after: lastOnDisk) }
            var position = lastOnDisk
            while true {
                let page = try memory.read { try $0.events(after: position, limit: 1_000) }
                guard let last = page.last else { break }
                try db.insert(page)
                position = last.position
            }
            try db.insert(changes)
            let known = try memory.read { (try $0.watermark(), try $0.settledAhead(), try $0.deadLetters()) }
            try db.acknowledge(through: known.0, ahead: known.1)
            try db.insert(known.2)
        }
        state.withLock { state in
            state.disk = opened.database
            state.memory = nil
            state.ceiling = nil
        }
        if !reserve.exists, reserve.canBeMade { reserve.make() }
        return opened.movedAside
    }

    func append(_ batch: SpoolBatch, inMemory memory: DatabaseQueue) throws(SpoolError) -> Appended {
        let appended = try Self.perform("append", on: memory) { db in
            try db.append(batch, within: Self.memoryLimit, whenFull: self.limits.whenFull)
        }
        state.withLock { $0.last = appended.last }
        return appended
    }
}
