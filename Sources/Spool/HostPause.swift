internal import GRDB
internal import Synchronization

/// Maintenance of a host as it is stored: it outlives the service that announced it.
package struct HostPause: Hashable, Sendable {
    package let host: String

    /// When it ends, in microseconds since 1970; `nil` = when somebody ends it.
    package let until: Int64?

    /// Who asked for it.
    package let by: String

    package init(host: String, until: Int64?, by: String) {
        self.host = host
        self.until = until
        self.by = by
    }
}

extension Spool {
    /// The pauses that are stored, expired ones among them, by the host's name.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func pauses() throws(SpoolError) -> [HostPause] {
        try lookOnDisk { try $0.pauses() }
    }

    /// Stores these pauses, one for each host, and forgets all others.
    ///
    /// - Throws: ``SpoolError`` with code `failed`; then those before are still stored.
    package func replacePauses(_ pauses: [HostPause]) throws(SpoolError) {
        try pausing.withLock { _ throws(SpoolError) in
            try noting { () throws(SpoolError) in
                try perform("store pauses") { try $0.replacePauses(pauses) }
            }
        }
    }
}

extension Database {
    func pauses() throws -> [HostPause] {
        try Row.fetchAll(self, sql: #"SELECT host, until, "by" FROM host_pause ORDER BY host"#)
            .map { HostPause(host: try $0.value(0), until: try $0.value(1), by: try $0.value(2)) }
    }

    func replacePauses(_ pauses: [HostPause]) throws {
        try execute(sql: "DELETE FROM host_pause")
        try insert(pauses)
    }

    func remove(pausesOf hosts: [String]) throws {
        let delete = try cachedStatement(sql: "DELETE FROM host_pause WHERE host = ?")
        for host in hosts { try delete.execute(arguments: [host]) }
    }

    func insert(_ pauses: [HostPause]) throws {
        let insert = try cachedStatement(sql: #"INSERT INTO host_pause (host, until, "by") VALUES (?, ?, ?)"#)
        for pause in pauses { try insert.execute(arguments: [pause.host, pause.until, pause.by]) }
    }
}
