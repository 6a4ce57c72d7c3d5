internal import GRDB

/// The table of the objects of which something had to go before it was sent.
extension Database {
    /// Adds all of a host that has ended since the first of what had to go of it: nobody knows which of that was told.
    func nameEnded(of host: String) throws {
        let select = try cachedStatement(
            sql: """
                SELECT object.object, object.key, \(Self.formerName)
                FROM object JOIN latest ON latest.object = object.id JOIN state ON state.id = latest.state
                WHERE object.host = :host AND object.key <> '' AND NOT state.present
                    AND state.time >= (SELECT time FROM given_up WHERE host = :host)
                ORDER BY state.id
                """
        )
        let ended = try Row.fetchAll(select, arguments: ["host": host])
        try name(ended.map { try GivenUp.Object($0, at: 0) }, of: host)
    }

    /// Adds to a host's objects; those that went first are those that a reader is likeliest to know.
    func name(_ objects: [GivenUp.Object], of host: String) throws {
        let rename = try cachedStatement(
            sql: """
                UPDATE given_up_object SET name = coalesce(nullif(?, ''), name) WHERE host = ? AND object = ? AND key = ?
                """
        )
        let insert = try cachedStatement(
            sql: "INSERT INTO given_up_object (host, object, key, name) VALUES (?, ?, ?, ?)"
        )
        let known = try Int.fetchOne(
            try cachedStatement(sql: "SELECT names FROM given_up WHERE host = ?"),
            arguments: [host]
        )
        var names = min(known ?? 0, GivenUp.objectLimit)
        var isEverything = false
        for object in objects {
            try rename.execute(arguments: [object.name, host, object.object, object.key])
            guard changesCount == 0 else { continue }
            let isThere = try isThere(object, of: host)
            if names < (isThere ? GivenUp.presentLimit : GivenUp.objectLimit) {
                names += 1
            } else {
                isEverything = true
                guard !isThere, object.object != "nodedev", try forgetNodeDevice(of: host) else { continue }
            }
            try insert.execute(arguments: [host, object.object, object.key, object.name])
        }
        try cachedStatement(sql: "UPDATE given_up SET names = ?, everything = max(everything, ?) WHERE host = ?")
            .execute(arguments: [names, isEverything, host])
    }

    /// Whether an object is known to be there still, as far as that is known here.
    private func isThere(_ object: GivenUp.Object, of host: String) throws -> Bool {
        let select = try cachedStatement(
            sql: """
                SELECT state.present
                FROM object JOIN latest ON latest.object = object.id JOIN state ON state.id = latest.state
                WHERE object.host = ? AND object.object = ? AND object.key = ?
                """
        )
        return try Bool.fetchOne(select, arguments: [host, object.object, object.key]) ?? false
    }

    /// Gives up one of the names that come and go with every start of a domain, and matter least.
    ///
    /// - Returns: Whether there was one.
    private func forgetNodeDevice(of host: String) throws -> Bool {
        let delete = try cachedStatement(
            sql: """
                DELETE FROM given_up_object WHERE host = :host AND object = 'nodedev'
                    AND key = (SELECT min(key) FROM given_up_object WHERE host = :host AND object = 'nodedev')
                """
        )
        try delete.execute(arguments: ["host": host])
        return changesCount > 0
    }
}
