internal import GRDB
internal import Synchronization

/// The last proof that something was heard of a host: of its connection, or of one class of its objects.
package struct HostHearing: Hashable, Sendable {
    package let host: String

    /// `domain`, `network`, `pool`, `nodedev` or `secret`; empty for the connection.
    ///
    /// The same behind `away:` says of the class that it cannot be heard since then, though the host can.
    package let object: String

    /// In microseconds since 1970.
    package let time: Int64

    package init(host: String, object: String = "", time: Int64) {
        self.host = host
        self.object = object
        self.time = time
    }
}

/// What a hypervisor said who it is.
package struct HostIdentity: Hashable, Sendable {
    package let host: String
    package let uuid: String

    package init(host: String, uuid: String) {
        self.host = host
        self.uuid = uuid
    }
}

/// What has become different of a fleet's hearing since the last time it was written.
package struct HearingNote: Hashable, Sendable {
    package var hearings: [HostHearing]
    package var identities: [HostIdentity]

    /// Hosts of which nothing is to be known any more.
    package var gone: [String]

    package init(hearings: [HostHearing] = [], identities: [HostIdentity] = [], gone: [String] = []) {
        self.hearings = hearings
        self.identities = identities
        self.gone = gone
    }

    package var isEmpty: Bool { hearings.isEmpty && identities.isEmpty && gone.isEmpty }
}

extension Spool {
    /// Writes what has become different, of the whole fleet in one transaction.
    ///
    /// - Parameter note: What has; nothing is written if that is nothing.
    /// - Returns: Whether it is on the disk; `false` while records are kept in memory, and then it is to be tried again.
    /// - Throws: ``SpoolError`` with code `failed`; then nothing of it is.
    package func keep(_ note: HearingNote) throws(SpoolError) -> Bool {
        guard state.withLock({ $0.memory == nil }) else { return false }
        guard !note.isEmpty else { return true }
        try notingOnFullDisk { () throws(SpoolError) in
            try perform("note what was heard") { try $0.keep(note) }
        }
        return true
    }

    /// The last proof of each host and class that was noted.
    ///
    /// Later records of a host are none: they may have come while a gap before them had not been told yet.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func hearings() throws(SpoolError) -> [HostHearing] {
        try lookOnDisk { try $0.hearings() }
    }

    /// Who each hypervisor last said it is.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func identities() throws(SpoolError) -> [HostIdentity] {
        try lookOnDisk { try $0.identities() }
    }
}

extension SpoolHistory {
    /// The last proof that was noted of each host's connection.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func hearings() throws(SpoolError) -> [HostHearing] {
        try read { try $0.hearings() }.filter(\.object.isEmpty)
    }
}

extension Database {
    func hearings() throws -> [HostHearing] {
        try Row.fetchAll(self, sql: "SELECT host, object, time FROM hearing ORDER BY host, object")
            .map { HostHearing(host: try $0.value(0), object: try $0.value(1), time: try $0.value(2)) }
    }

    func identities() throws -> [HostIdentity] {
        try Row.fetchAll(self, sql: "SELECT host, uuid FROM hypervisor ORDER BY host")
            .map { HostIdentity(host: try $0.value(0), uuid: try $0.value(1)) }
    }

    /// Forgets what is gone, then takes over what is there.
    func keep(_ note: HearingNote) throws {
        for host in note.gone {
            try cachedStatement(sql: "DELETE FROM hearing WHERE host = ?").execute(arguments: [host])
            try cachedStatement(sql: "DELETE FROM hypervisor WHERE host = ?").execute(arguments: [host])
        }
        let hearing = try cachedStatement(sql: "INSERT OR REPLACE INTO hearing (host, object, time) VALUES (?, ?, ?)")
        for row in note.hearings { try hearing.execute(arguments: [row.host, row.object, row.time]) }
        let identity = try cachedStatement(sql: "INSERT OR REPLACE INTO hypervisor (host, uuid) VALUES (?, ?)")
        for row in note.identities { try identity.execute(arguments: [row.host, row.uuid]) }
    }
}
