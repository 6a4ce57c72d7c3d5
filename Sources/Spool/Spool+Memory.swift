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
                let known = try? Self.look(on: disk) { (try $0.watermark(), try $0.settledAhead()) }
                if let known { try? memory.write { try $0.acknowledge(through: known.0, ahead: known.1) } }
                // What is not told anew meanwhile must not look as if it had not been lost.
                let givenUp = (try? Self.look(on: disk) { try $0.givenUp() }) ?? []
                let isKnown = (try? memory.write { try $0.insert(givenUp) }) != nil
                mark.remove()
                state.withLock { state in
                    state.memory = Store(database: memory, sweep: SpoolSweep(keepsEnds: true))
                    state.lastOnDisk = last
                    state.givenUpOnDisk = isKnown ? givenUp.map(\.note) : []
                }
            }
        } catch {
            throw SpoolError("keep records in memory", error)
        }
        noteSize()
    }

    /// Puts what is in memory on the disk, if that works again; a database that turns out to be damaged is put aside.
    ///
    /// Where the disk has room for no more, only what is not settled goes there, in the place of older history. Called
    /// between appends, by whoever appends.
    ///
    /// - Returns: Where a damaged database was put.
    /// - Throws: ``SpoolError`` with code `unusable`, `full` or `failed`; then records are still kept in memory.
    package func returnToDisk() throws(SpoolError) -> String? {
        let (old, memory, lastOnDisk) = state.withLock { ($0.disk.database, $0.memory?.database, $0.lastOnDisk) }
        guard let memory else { return nil }
        let opened = try file.open(doubting: state.withLock { $0.isDamaged ? $0.file : nil })
        if let aside = opened.movedAside { state.withLock { $0.movedAside = aside } }
        var store = Store(database: opened.database)
        let disk = opened.database
        if opened.movedAside != nil || opened.last < lastOnDisk {
            // Another database: what stood in the former one beside the records is still known, as far as it can be read.
            let salvage = Salvage(old)
            try Self.perform("begin anew", on: disk) { db in
                try db.continuePositions(after: lastOnDisk)
                try salvage.save(in: db)
            }
            file.forgetAside()
            state.withLock { state in
                state.begunAnew += 1
                state.givenUpOnDisk = []
            }
        }
        let ceiling: Int?
        do throws(SpoolError) {
            ceiling = try copy(memory, to: &store, after: lastOnDisk)
        } catch {
            takeGivenUp(from: disk, to: memory)
            throw error
        }
        let changes = try Self.look(on: memory) { try $0.allChanges() }
        let (givenUpOnDisk, lastPosition) = state.withLock { ($0.givenUpOnDisk, $0.last) }
        try delivery.withLock { _ throws(SpoolError) in
            let known = try Self.look(on: memory) { db in
                (
                    watermark: try db.watermark(), ahead: try db.settledAhead(), letters: try db.deadLetters(),
                    givenUp: try db.givenUp()
                )
            }
            try Self.perform("write what was kept in memory", on: disk) { db in
                // What is settled may have stayed behind, and its positions are not to be had again.
                if try db.lastPosition() < lastPosition { try db.continuePositions(after: lastPosition) }
                try db.insert(changes)
                try db.acknowledge(through: known.watermark, ahead: known.ahead)
                try db.insert(known.letters)
                try db.settle(givenUpOnDisk)
                try db.insert(known.givenUp)
            }
            state.withLock { state in
                (state.disk, state.file, state.isDamaged) = (store, opened.identity, false)
                state.memory = nil
                state.ceiling = ceiling
            }
        }
        mark.make()
        if !reserve.exists, reserve.canBeMade { reserve.make() }
        noteSize()
        return state.withLock { $0.movedAside.take() }
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
