internal import GRDB
internal import Synchronization

/// The way back from memory to the disk, which may fail and be tried again at any point of it.
extension Spool {
    /// Puts what is in memory on the disk, if that works again; a database that turns out to be damaged is put aside.
    ///
    /// Where the disk has room for no more, only what is not settled goes there, in the place of older history. Called
    /// between appends, by whoever appends.
    ///
    /// - Returns: Where a damaged database was put.
    /// - Throws: ``SpoolError`` with code `unusable`, `full` or `failed`; then records are still kept in memory.
    package func returnToDisk() throws(SpoolError) -> String? {
        guard let memory = state.withLock(\.memory?.database) else { return nil }
        try lock.withLock { lock throws(SpoolError) in lock = try lock.found() }
        let opened = try file.open(doubting: state.withLock(\.doubted))
        if let aside = opened.movedAside { state.withLock { $0.movedAside = aside } }
        do throws(SpoolError) {
            try bring(memory, to: opened)
        } catch {
            // The next try looks at all of it.
            if error.isDoubt { state.withLock { $0.doubted = opened.identity } }
            throw error
        }
        mark.make()
        if !reserve.exists, reserve.canBeMade { reserve.make() }
        noteSize()
        return state.withLock { $0.movedAside.take() }
    }

    private func bring(_ memory: DatabaseQueue, to opened: SpoolFile.Opened) throws(SpoolError) {
        let disk = opened.database
        if opened.movedAside != nil || opened.isUnfinished || opened.last < state.withLock(\.lastOnDisk) {
            let sent = try Self.look(on: memory) { try $0.watermark() }
            // What was given up unread comes along, to be looked at.
            try beginAnew(opened, sent: min(sent, state.withLock(\.unread) ?? sent))
        }
        // As it was left, or by a try before.
        if state.withLock({ $0.ceiling != nil }) { takeReserveBack() }
        do throws(SpoolError) {
            try bring(memory, to: opened, ceiling: state.withLock(\.ceiling))
        } catch  where error.isDiskFull && state.withLock({ $0.ceiling == nil }) {
            giveUpReserve(on: disk)
            try bring(memory, to: opened, ceiling: state.withLock(\.ceiling))
        }
    }

    /// Another database: what stood in the former one is still known, as far as it can be read.
    ///
    /// - Parameter sent: Up to where all of that has been settled.
    private func beginAnew(_ opened: SpoolFile.Opened, sent: Int64) throws(SpoolError) {
        let (old, file, last) = state.withLock { ($0.disk.database, $0.file, $0.lastOnDisk) }
        _ = reserve.release()
        // Who looks into a file that was emptied sees what is new there, and nothing missing.
        let salvage = Salvage(file == opened.identity ? nil : old)
        let isAll = try salvage.save(in: opened.database, last: last, sent: sent, hasRoom: reserve.hasRoom)
        self.file.forgetAside()
        state.withLock { state in
            state.ceiling = nil
            guard !isAll else { return }
            state.begunAnew += 1
            state.givenUpOnDisk = []
        }
    }

    /// - Parameter ceiling: What a full disk allows for the pages in use; `nil` = it is not full.
    private func bring(
        _ memory: DatabaseQueue,
        to opened: SpoolFile.Opened,
        ceiling: Int?
    ) throws(SpoolError) {
        var store = Store(database: opened.database)
        do throws(SpoolError) {
            try copy(memory, to: &store, after: state.withLock(\.lastOnDisk), ceiling: ceiling)
            try finish(memory, to: store, in: opened.identity, ceiling: ceiling)
        } catch {
            takeGivenUp(from: opened.database, to: memory)
            throw error
        }
    }

    /// Brings what there is beside the records, and goes on there.
    private func finish(
        _ memory: DatabaseQueue,
        to disk: Store,
        in identity: SpoolFile.Identity?,
        ceiling: Int?
    ) throws(SpoolError) {
        var disk = disk
        let hasAllEnds = state.withLock { $0.memory?.sweep.keepsEnds } ?? true
        let (changes, horizon) = try Self.look(on: memory) { try $0.changesForDisk(hasAllEnds: hasAllEnds) }
        if let ceiling, !changes.isEmpty {
            let size = changes.reduce(0) { $0 + 96 + $1.name.utf8.count + $1.state.utf8.count }
            try makeRoomOnFullDisk(size, ceiling: ceiling, on: &disk)
        }
        try pausing.withLock { _ throws(SpoolError) in
            // In a file that was begun anew by a try before, they are as they were then.
            let (old, file) = state.withLock { ($0.disk.database, $0.file) }
            let pauses = identity == file ? nil : try? Self.look(on: old) { try $0.pauses() }
            try delivery.withLock { _ throws(SpoolError) in
                let (givenUpOnDisk, lastPosition, lastOnDisk) = state.withLock {
                    ($0.givenUpOnDisk, $0.last, $0.lastOnDisk)
                }
                let known = try Self.look(on: memory) { db in
                    (
                        watermark: try db.watermark(), ahead: try db.settledAhead(), letters: try db.deadLetters(),
                        givenUp: try db.givenUp()
                    )
                }
                try Self.perform("write what was kept in memory", on: disk.database) { db in
                    // What is settled may have stayed behind, and its positions are not to be had again.
                    if try db.lastPosition() < lastPosition { try db.continuePositions(after: lastPosition) }
                    try db.insert(changes)
                    try db.raiseHorizon(to: horizon)
                    try db.acknowledge(through: known.watermark, ahead: known.ahead)
                    try db.insert(known.letters)
                    try db.settle(givenUpOnDisk)
                    try db.insert(known.givenUp)
                    try noteUnread(in: db, through: lastOnDisk)
                    if let pauses { try db.replacePauses(pauses) }
                }
                state.withLock { state in
                    (state.disk, state.file, state.doubted) = (disk, identity, nil)
                    (state.memory, state.unread) = (nil, nil)
                    state.returns += 1
                }
            }
        }
    }
}
