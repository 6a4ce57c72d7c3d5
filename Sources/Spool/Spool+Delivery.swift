internal import GRDB
internal import Synchronization

/// What is known of the delivery of the records.
extension Spool {
    /// The position up to which everything is settled.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func watermark() throws(SpoolError) -> Int64 {
        try noting { () throws(SpoolError) in try Self.look(on: current) { try $0.watermark() } }
    }

    /// What is settled beyond the watermark, in order.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func settledAhead() throws(SpoolError) -> [ClosedRange<Int64>] {
        try noting { () throws(SpoolError) in try Self.look(on: current) { try $0.settledAhead() } }
    }

    /// Notes that everything up to a position is settled: seen on the bus, superseded, or never to be sent.
    ///
    /// The records stay as history until their room is needed.
    ///
    /// - Parameters:
    ///   - position: The watermark; one that is lower than before is ignored.
    ///   - ahead: What has been settled beyond it since the last call. The default is nothing.
    ///   - letters: Those of them that can never be sent. The default is none.
    /// - Returns: The letters' hosts, each as often as it has one; of these the letters are noted as given up. Replays are
    ///   left out: the bus has what they repeat.
    /// - Throws: ``SpoolError`` with code `failed`; what is sent again then has the same `relay.id`.
    @discardableResult
    package func acknowledge(
        through position: Int64,
        ahead: [ClosedRange<Int64>] = [],
        letters: [DeadLetter] = []
    ) throws(SpoolError) -> [String] {
        try delivery.withLock { _ throws(SpoolError) in
            let lost = givenUp(by: letters)
            try notingOnFullDisk { () throws(SpoolError) in
                try Self.perform("acknowledge", on: current) { db in
                    try db.insert(letters)
                    try db.noteGivenUp(lost)
                    try db.acknowledge(through: position, ahead: ahead)
                }
            }
            return lost.map(\.host)
        }
    }

    /// What can never be sent is a loss like what had to go; a disk that cannot be read just now does not say of what.
    private func givenUp(by letters: [DeadLetter]) -> [GivenUp] {
        guard !letters.isEmpty else { return [] }
        return ((try? events(at: letters.map(\.position))) ?? []).compactMap(GivenUp.init)
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
