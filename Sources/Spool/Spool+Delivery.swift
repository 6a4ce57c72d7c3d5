internal import GRDB
internal import Synchronization

/// What is known of the delivery of the records.
extension Spool {
    /// The position up to which everything is settled.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func watermark() throws(SpoolError) -> Int64 {
        try Self.look(on: current) { try $0.watermark() }
    }

    /// What is settled beyond the watermark, in order.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func settledAhead() throws(SpoolError) -> [ClosedRange<Int64>] {
        try Self.look(on: current) { try $0.settledAhead() }
    }

    /// Notes that everything up to a position is settled: seen on the bus, superseded, or never to be sent.
    ///
    /// The records stay as history until their room is needed.
    ///
    /// - Parameters:
    ///   - position: The watermark; one that is lower than before is ignored.
    ///   - ahead: What has been settled beyond it since the last call. The default is nothing.
    ///   - letters: Those of them that can never be sent. The default is none.
    /// - Throws: ``SpoolError`` with code `failed`; what is sent again then has the same `relay.id`.
    package func acknowledge(
        through position: Int64,
        ahead: [ClosedRange<Int64>] = [],
        letters: [DeadLetter] = []
    ) throws(SpoolError) {
        try delivery.withLock { _ throws(SpoolError) in
            try notingOnFullDisk { () throws(SpoolError) in
                try Self.perform("acknowledge", on: current) { db in
                    try db.insert(letters)
                    try db.acknowledge(through: position, ahead: ahead)
                }
            }
        }
    }

    /// How many records are not settled.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func waiting() throws(SpoolError) -> Int {
        let (disk, memory) = state.withLock { ($0.disk.database, $0.memory?.database) }
        guard let memory else { return try Self.look(on: disk) { try $0.waiting() } }
        let watermark = try watermark()
        let older = (try? Self.look(on: disk) { try $0.waiting(after: watermark) }) ?? 0
        return try older + Self.look(on: memory) { try $0.waiting(after: watermark) }
    }

    /// The database that new records go to.
    var current: DatabaseQueue { state.withLock(\.current) }
}
