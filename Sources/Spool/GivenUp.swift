internal import Synchronization

/// What had to go of a host before it was sent, so that other records found room.
///
/// The state that is kept of the host is ahead then of what the bus was told, until that is told anew.
package struct GivenUp: Hashable, Sendable {
    package let host: String

    /// When the first of it was observed, in microseconds since 1970.
    package let time: Int64

    /// The first of the host's gaps that was among it, if any: its interval has been told to nobody.
    package let gap: [UInt8]?

    /// The last position that has gone: tells whether more has since.
    package let through: Int64

    /// Whether it may have been of any object that there is, beside those that are named.
    package let isEverything: Bool

    /// The objects that it told of.
    ///
    /// Of one that has ended since, nothing else may be known any more.
    package let objects: [Object]

    package struct Object: Hashable, Sendable {
        package let object: String
        package let key: String

        /// As it was called last; empty when nobody knows.
        package let name: String

        package init(object: String, key: String, name: String) {
            self.object = object
            self.key = key
            self.name = name
        }
    }

    /// How many objects of a host are named; of further ones, those that there still are count alone.
    package static let objectLimit = 4_096

    package init(
        host: String,
        time: Int64,
        gap: [UInt8]? = nil,
        through: Int64 = 0,
        isEverything: Bool = true,
        objects: [Object] = []
    ) {
        self.host = host
        self.time = time
        self.gap = gap
        self.through = through
        self.isEverything = isEverything
        self.objects = objects
    }

    /// The same in another database, where positions mean something else.
    var elsewhere: GivenUp {
        GivenUp(host: host, time: time, gap: gap, isEverything: isEverything, objects: objects)
    }
}

extension Spool {
    /// The hosts of which something had to go.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func givenUp() throws(SpoolError) -> [GivenUp] {
        try Self.look(on: state.withLock(\.current)) { try $0.givenUp() }
    }

    /// Notes that of these hosts anything may be missing.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func giveUp(_ hosts: [GivenUp]) throws(SpoolError) {
        try Self.perform("note what was given up", on: state.withLock(\.current)) { try $0.insert(hosts) }
    }

    /// Notes that it has been told anew; what has gone since stays, with all that went before.
    ///
    /// - Throws: ``SpoolError`` with code `failed`; then it is told anew once more.
    package func settle(_ hosts: [GivenUp]) throws(SpoolError) {
        try Self.perform("settle what was given up", on: state.withLock(\.current)) { db in
            try db.settle(hosts)
        }
    }
}
