internal import GRDB

/// What can still be read of a database that another one takes the place of.
///
/// First goes what is known of the hosts, and that anything of them may be missing; then, page by page, what waited. Whoever
/// is interrupted does it once more, and nothing is there twice.
struct Salvage {
    let old: DatabaseQueue?
    private var pauses: [HostPause] = []
    private var states: [SpoolChange] = []
    private var hearing = HearingNote()
    private var givenUp: [GivenUp] = []

    /// States from before this time may be missing: of each object the latest alone is saved.
    private var horizon: Int64 = 0

    /// The position of the last record; 0 = there was none, or nobody knows.
    ///
    /// The largest that is told of any: what comes next must not be one that counts as settled.
    private(set) var last: Int64 = 0

    /// Up to where they were settled; `nil` = nobody knows.
    private(set) var watermark: Int64?

    /// What was settled beyond that, as far as that is known: the rest is sent once more.
    private var ahead: [ClosedRange<Int64>] = []

    /// Whether all that could be read.
    private var isWhole = true

    /// - Parameter path: Where a damaged database was put; it stays as it is. `nil` = nothing can be read.
    init(path: String?) {
        var configuration = Configuration()
        configuration.label = "aggregator.salvage"
        configuration.readonly = true
        self.init(path.flatMap { try? DatabaseQueue(path: $0, configuration: configuration) })
    }

    /// - Parameter old: `nil` = nothing can be read.
    init(_ old: DatabaseQueue?) {
        self.old = old
        // Each for itself: damage is somewhere, and not everywhere.
        pauses = read { try $0.pauses() } ?? []
        let found = read { try $0.latestChangesFound() }
        states = found ?? []
        // Others are there that were so once.
        _ = read { try $0.lookAtLatest() }
        hearing.hearings = read { try $0.hearings() } ?? []
        hearing.identities = read { try $0.identities() } ?? []
        givenUp = read { try $0.givenUp() } ?? []
        readPositions()
        // What there was before that says nothing of what has to be told, so that no host is told anew for its sake.
        let former = old.flatMap { try? Spool.look(on: $0) { try $0.storedHorizon() } } ?? 0
        horizon = max(former, (found?.map(\.time) ?? hearing.hearings.map(\.time)).max() ?? 0)
    }

    private mutating func readPositions() {
        let appended = [read { try $0.lastPosition() }, read { try $0.lastRecord() }]
        let settled = read { try $0.storedWatermark() }
        ahead = read { try $0.storedAhead() } ?? []
        // What is no position at all, or leaves no room behind it, is not believed, nor what is settled and was never there.
        func isPosition(_ position: Int64) -> Bool { (0..<Database.endOfPositions / 2).contains(position) }
        let end = appended.compactMap(\.self).filter(isPosition).max() ?? 0
        watermark = settled.flatMap { 0...end ~= $0 ? $0 : nil }
        if watermark == nil { isWhole = false }
        last = ([end, settled ?? 0] + ahead.map(\.upperBound)).filter(isPosition).max() ?? 0
        ahead.removeAll { $0.upperBound > end }
    }

    private mutating func read<Value>(_ body: (Database) throws -> Value) -> Value? {
        let value = old.flatMap { try? Spool.look(on: $0, body) }
        if value == nil { isWhole = false }
        return value
    }

    /// Puts it into the new database.
    ///
    /// - Parameters:
    ///   - last: The position of the last record that there was. The default is the last that is known here.
    ///   - sent: Up to where all has been settled since. The default is 0.
    ///   - hasRoom: Whether there is room for one more page of what waited.
    /// - Returns: Whether nothing is missing there.
    func save(
        in new: DatabaseQueue,
        last: Int64? = nil,
        sent: Int64 = 0,
        hasRoom: () -> Bool
    ) throws(SpoolError) -> Bool {
        let last = last ?? self.last
        if try !Spool.look(on: new, { try $0.isUnfinished() }) {
            try Spool.perform("begin anew", on: new) { try begin($0, last: last) }
        }
        let isAll = try copyWaiting(to: new, after: sent, through: last, while: hasRoom) && isWhole
        try Spool.perform("begin anew", on: new) { db in
            if isAll { try db.replaceGivenUp(givenUp) }
            try db.setUnfinished(false)
        }
        return isAll
    }

    private func begin(_ db: Database, last: Int64) throws {
        try db.continuePositions(after: last)
        // Where nobody knows what waited, nothing is there that does.
        let settled = try watermark ?? (db.lastRecord() == 0 ? last : 0)
        try db.acknowledge(through: min(settled, last), ahead: ahead.filter { $0.upperBound <= last })
        // What takes the former one's place may be an older copy of it.
        try db.remove(pausesOf: pauses.map(\.host))
        try db.insert(pauses)
        try db.insert(states)
        try db.raiseHorizon(to: horizon)
        try db.keep(hearing)
        try db.insert(givenUp)
        try db.insert(hearing.hearings.filter(\.object.isEmpty).map { GivenUp(host: $0.host, time: $0.time) })
        try db.noteEverythingGivenUp()
        try db.setUnfinished(true)
    }
}

extension Database {
    /// Whether nothing was put into it yet of what is saved, nor anything else.
    func isUntouched() throws -> Bool {
        let select = """
            SELECT NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE seq > 0) AND NOT EXISTS (SELECT 1 FROM state)
                AND NOT EXISTS (SELECT 1 FROM hearing) AND NOT EXISTS (SELECT 1 FROM host_pause)
            """
        return try Bool.fetchOne(self, sql: select) ?? false
    }

    /// Whether something of what is saved was put into it, and not all.
    func isUnfinished() throws -> Bool {
        try Int.fetchOne(self, sql: "PRAGMA user_version") == 1
    }

    fileprivate func setUnfinished(_ isUnfinished: Bool) throws {
        try execute(sql: "PRAGMA user_version = \(isUnfinished ? 1 : 0)")
    }
}
