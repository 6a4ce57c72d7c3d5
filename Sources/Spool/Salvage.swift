internal import GRDB

/// What can still be read of a database that another one takes the place of.
///
/// The records that waited are not among it: of every host anything may be missing on the bus.
struct Salvage {
    private var pauses: [HostPause] = []
    private var states: [SpoolChange] = []
    private var hearing = HearingNote()
    private var givenUp: [GivenUp] = []

    /// - Parameter path: Where a damaged database was put; it stays as it is.
    init(path: String) {
        var configuration = Configuration()
        configuration.label = "aggregator.salvage"
        configuration.readonly = true
        self.init(try? DatabaseQueue(path: path, configuration: configuration))
    }

    /// - Parameter old: `nil` = nothing can be read.
    init(_ old: DatabaseQueue?) {
        guard let old else { return }
        // Each for itself: damage is somewhere, and not everywhere.
        pauses = (try? Spool.look(on: old) { try $0.pauses() }) ?? []
        states = (try? Spool.look(on: old) { try $0.latestChangesFound() }) ?? []
        hearing.hearings = (try? Spool.look(on: old) { try $0.hearings() }) ?? []
        hearing.identities = (try? Spool.look(on: old) { try $0.identities() }) ?? []
        givenUp = (try? Spool.look(on: old) { try $0.givenUp() }) ?? []
    }

    /// Puts it into the new database.
    func save(in db: Database) throws {
        // What takes the former one's place may be an older copy of it.
        try db.remove(pausesOf: pauses.map(\.host))
        try db.insert(pauses)
        try db.insert(states)
        try db.keep(hearing)
        try db.insert(givenUp)
        try db.insert(hearing.hearings.filter(\.object.isEmpty).map { GivenUp(host: $0.host, time: $0.time) })
        try db.noteEverythingGivenUp()
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
}
