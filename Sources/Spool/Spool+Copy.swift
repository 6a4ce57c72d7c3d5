internal import GRDB
internal import Synchronization

/// Bringing records from memory to the disk.
extension Spool {
    /// Copies records page by page; what a try before had copied is written over.
    ///
    /// - Parameter ceiling: What a full disk allows; then settled records stay behind. `nil` = it is not full.
    func copy(
        _ memory: DatabaseQueue,
        to disk: inout Store,
        after start: Int64,
        ceiling: Int?
    ) throws(SpoolError) {
        try settleSent(memory, on: disk.database, through: start)
        var position = start
        while true {
            let page = try Self.look(on: memory) { db in
                (records: try db.events(after: position, limit: 256), watermark: try db.watermark())
            }
            guard let last = page.records.last else { return }
            let records = ceiling == nil ? page.records : page.records.filter { $0.position > page.watermark }
            if let ceiling, !records.isEmpty {
                let size = records.reduce(0) { $0 + $1.bytes.count + 96 }
                try makeRoomOnFullDisk(size, ceiling: ceiling, on: &disk)
            }
            try Self.perform("write what was kept in memory", on: disk.database) { try $0.insert(records) }
            position = last.position
        }
    }

    /// What was sent meanwhile of what is on the disk gives way there before anything that waits does.
    ///
    /// - Parameter end: The last position that is there already: one beyond it must not count as settled before it is.
    private func settleSent(_ memory: DatabaseQueue, on disk: DatabaseQueue, through end: Int64) throws(SpoolError) {
        try delivery.withLock { _ throws(SpoolError) in
            let watermark = try Self.look(on: memory) { try $0.watermark() }
            try Self.perform("acknowledge", on: disk) { db in
                try noteUnread(in: db, through: end)
                try db.acknowledge(through: min(watermark, end), ahead: [])
            }
            state.withLock { $0.unread = nil }
        }
    }

    /// What had to go on a way back that failed is noted on the disk; what becomes of that is known in memory.
    func takeGivenUp(from disk: DatabaseQueue, to memory: DatabaseQueue) {
        delivery.withLock { _ in
            guard let found = try? Self.look(on: disk, { try $0.givenUp() }) else { return }
            // What was known, and may have been told since, does not come back.
            let known = Set(state.withLock(\.givenUpOnDisk))
            let new = found.filter { !known.contains($0.note) }
            guard (try? memory.write { try $0.insert(new) }) != nil else { return }
            state.withLock { $0.givenUpOnDisk = found.map(\.note) }
        }
    }
}
