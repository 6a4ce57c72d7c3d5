internal import GRDB
internal import Synchronization

/// What is read of the spool, wherever it is.
extension Spool {
    /// The records after a position, oldest first, settled ones among them.
    ///
    /// - Throws: ``SpoolError`` with code `failed`; while others are in memory, too, when those on the disk cannot be read.
    package func next(after position: Int64, limit: Int) throws(SpoolError) -> [SpooledEvent] {
        try noting { () throws(SpoolError) in try read(after: position, limit: limit) }
    }

    private func read(after position: Int64, limit: Int) throws(SpoolError) -> [SpooledEvent] {
        let (disk, memory, lastOnDisk) = state.withLock { ($0.disk.database, $0.memory?.database, $0.lastOnDisk) }
        guard let memory else { return try Self.look(on: disk) { try $0.events(after: position, limit: limit) } }
        var events: [SpooledEvent] = []
        if position < lastOnDisk {
            // What cannot be read is not gone: whoever passed over it would never come back.
            events = try Self.look(on: disk) { db in
                try db.events(after: position, limit: limit).filter { $0.position <= lastOnDisk }
            }
        }
        guard events.count < limit else { return events }
        let left = limit - events.count
        return try events + Self.look(on: memory) { try $0.events(after: max(position, lastOnDisk), limit: left) }
    }

    /// The records at these positions, in this order, as far as they still exist.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func events(at positions: [Int64]) throws(SpoolError) -> [SpooledEvent] {
        try noting { () throws(SpoolError) in try read(at: positions) }
    }

    private func read(at positions: [Int64]) throws(SpoolError) -> [SpooledEvent] {
        let (disk, memory, lastOnDisk) = state.withLock { ($0.disk.database, $0.memory?.database, $0.lastOnDisk) }
        guard let memory else { return try Self.look(on: disk) { db in try positions.compactMap(db.event(at:)) } }
        let older = positions.filter { $0 <= lastOnDisk }
        let newer = positions.filter { $0 > lastOnDisk }
        var found = try Self.look(on: memory) { db in try newer.compactMap(db.event(at:)) }
        if !older.isEmpty { found += try Self.look(on: disk) { db in try older.compactMap(db.event(at:)) } }
        let byPosition = Dictionary(found.map { ($0.position, $0) }) { first, _ in first }
        return positions.compactMap { byPosition[$0] }
    }

    /// The latest state of every object, of hosts that are watched no more among them.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func states() throws(SpoolError) -> [SpoolChange] {
        try lookOnDisk { try $0.latestChanges() }
    }
}
