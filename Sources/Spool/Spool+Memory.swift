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
        let (disk, last) = state.withLock { ($0.disk.database, $0.last) }
        do {
            let memory = try DatabaseQueue()
            try SpoolSchema.migrator().migrate(memory)
            try memory.write { try $0.continuePositions(after: last) }
            delivery.withLock { _ in
                let watermark = (try? Self.look(on: disk) { try $0.watermark() }) ?? 0
                let ahead = (try? Self.look(on: disk) { try $0.settledAhead() }) ?? []
                try? memory.write { try $0.acknowledge(through: watermark, ahead: ahead) }
                // What is not told anew meanwhile must not look as if it had not been lost.
                let givenUp = (try? Self.look(on: disk) { try $0.givenUp() }) ?? []
                let isKnown = (try? memory.write { try $0.insert(givenUp) }) != nil
                mark.remove()
                state.withLock { state in
                    state.memory = Store(database: memory, sweep: SpoolSweep(isInMemory: true, keepsEnds: true))
                    state.lastOnDisk = last
                    state.givenUpOnDisk = isKnown ? givenUp.map(\.note) : []
                }
            }
        } catch {
            throw SpoolError("keep records in memory", error)
        }
        noteSize()
    }

    func append(_ batch: SpoolBatch, inMemory memory: Store) throws(SpoolError) -> Appended {
        var memory = memory
        let appended = try Self.perform("append", on: memory.database) { db in
            try db.append(batch, within: Self.memoryLimit, whenFull: self.limits.whenFull, store: &memory)
        }
        state.withLock { $0.memory = memory }
        guard !appended.isRefused else { throw .full }
        state.withLock { $0.last = appended.last }
        noteSize(pages: appended.pageBytes)
        return appended
    }
}
