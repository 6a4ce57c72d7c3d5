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

    /// Grows with whatever is noted of the host; see ``Note``.
    package let revision: Int64

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

    /// What is noted of a host, until anything else is.
    package struct Note: Hashable, Sendable {
        package let host: String
        package let revision: Int64

        package init(host: String, revision: Int64) {
            (self.host, self.revision) = (host, revision)
        }
    }

    package var note: Note { Note(host: host, revision: revision) }

    /// How many objects of a host are named; of further ones, those that there still are count alone.
    ///
    /// Of node devices fewer, once others that have ended need their room.
    package static let objectLimit = 4_096

    /// How many are named already where one that there still is counts as anything: the rest is for what has ended.
    static let presentLimit = 1_024

    package init(
        host: String,
        time: Int64,
        gap: [UInt8]? = nil,
        revision: Int64 = 0,
        isEverything: Bool = true,
        objects: [Object] = []
    ) {
        self.host = host
        self.time = time
        self.gap = gap
        self.revision = revision
        self.isEverything = isEverything
        self.objects = objects
    }
}

extension GivenUp {
    /// One record; `nil` for one that the bus knows or that belongs to no host.
    init?(_ event: SpooledEvent) {
        let record = event.record
        guard !record.host.isEmpty, record.replayOf == nil else { return nil }
        self.init(
            host: record.host,
            time: record.time,
            gap: record.object == "host" && record.kind == "gap" ? record.bytes : nil,
            revision: event.position,
            // A record of a life without its object was made by a former version.
            isEverything: record.kind == "lifecycle" && record.key.isEmpty,
            objects: record.key.isEmpty ? [] : [Object(object: record.object, key: record.key, name: record.subject)]
        )
    }
}

extension Spool {
    /// The hosts of which something had to go; cheap, however much it was.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func givenUpNotes() throws(SpoolError) -> [GivenUp.Note] {
        try noting { () throws(SpoolError) in try Self.look(on: current) { try $0.givenUpNotes() } }
    }

    /// What had to go.
    ///
    /// - Parameter hosts: The default is all of them.
    /// - Throws: ``SpoolError`` with code `failed`.
    package func givenUp(of hosts: Set<String>? = nil) throws(SpoolError) -> [GivenUp] {
        try noting { () throws(SpoolError) in try Self.look(on: current) { try $0.givenUp(of: hosts) } }
    }

    /// Notes that of these hosts anything may be missing.
    ///
    /// - Throws: ``SpoolError`` with code `failed`.
    package func giveUp(_ hosts: [GivenUp]) throws(SpoolError) {
        try delivery.withLock { _ throws(SpoolError) in
            try noting { () throws(SpoolError) in
                try Self.perform("note what was given up", on: self.current) { try $0.insert(hosts) }
            }
        }
    }

    /// Notes that it has been told anew; what has gone since stays, with all that went before.
    ///
    /// - Throws: ``SpoolError`` with code `failed`; then it is told anew once more.
    package func settle(_ notes: [GivenUp.Note]) throws(SpoolError) {
        try delivery.withLock { _ throws(SpoolError) in
            try noting { () throws(SpoolError) in
                try Self.perform("settle what was given up", on: self.current) { try $0.settle(notes) }
            }
        }
    }
}
