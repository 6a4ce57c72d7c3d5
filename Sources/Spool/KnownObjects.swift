/// Where objects and their latest states are in a database, so that an event need not look for them.
///
/// True as of the last transaction committed: whoever appends takes it along, and puts it back when that is committed.
/// What is removed beside that is found out by who goes by it.
struct KnownObjects: Sendable {
    /// Objects, some 200 bytes each; beyond that all are looked for anew.
    static let limit = 65_536

    struct Name: Hashable, Sendable {
        let host: String
        let object: String
        let key: String
    }

    /// Rows of the tables of objects and of states.
    struct Place: Sendable {
        let object: Int64

        /// 0 = there is no state.
        let latest: Int64
    }

    private var places: [Name: Place] = [:]

    subscript(name: Name) -> Place? { places[name] }

    mutating func learn(_ name: Name, at place: Place) {
        if places.count >= Self.limit { places = [:] }
        places[name] = place
    }
}
