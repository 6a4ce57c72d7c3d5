/// What the spool keeps of an event: bytes it does not look into, and the keys it may be found by.
///
/// Made once and handed on from thread to thread: as a value, each hand would count the references of all its texts.
package final class SpoolRecord: Sendable {
    /// When the event was observed, in microseconds since 1970.
    package let time: Int64

    /// The host it is about; empty for the service's own events.
    package let host: String
    package let object: String
    package let kind: String

    /// The name or UUID of the object, as far as there is one.
    package let subject: String

    /// What a record that leads to another state of its object has in common with that: ``SpoolChange/key``; else empty.
    package let key: String

    /// What it is the level of, for kinds that tell one: a later record of equal host, kind and level supersedes it.
    package let level: String?

    /// The position of the record that it repeats, for a replay.
    package let replayOf: Int64?
    package let bytes: [UInt8]

    package init(
        time: Int64,
        host: String,
        object: String,
        kind: String,
        subject: String,
        key: String = "",
        level: String? = nil,
        replayOf: Int64? = nil,
        bytes: [UInt8]
    ) {
        self.time = time
        self.host = host
        self.object = object
        self.kind = kind
        self.subject = subject
        self.key = key
        self.level = level
        self.replayOf = replayOf
        self.bytes = bytes
    }
}

extension SpoolRecord: Equatable {
    package static func == (one: SpoolRecord, other: SpoolRecord) -> Bool {
        one === other
            || (one.time, one.host, one.object, one.kind) == (other.time, other.host, other.object, other.kind)
                && (one.subject, one.key, one.level) == (other.subject, other.key, other.level)
                && (one.replayOf, one.bytes) == (other.replayOf, other.bytes)
    }
}

/// What is committed in one transaction: events, and the state that they lead to.
package struct SpoolBatch: Equatable, Sendable {
    package var records: [SpoolRecord]
    package var changes: [SpoolChange]

    package init(records: [SpoolRecord] = [], changes: [SpoolChange] = []) {
        self.records = records
        self.changes = changes
    }

    package var isEmpty: Bool { records.isEmpty && changes.isEmpty }

    /// What its rows take on the disk, about.
    var size: Int {
        records.reduce(changes.count * 96) { $0 + $1.bytes.count + 96 }
    }
}

/// What became of a batch.
package struct Appended: Equatable, Sendable {
    /// The position of the last record there is.
    package let last: Int64

    /// Records that had to go, so that these found room: older ones, some of which may not have been sent yet.
    package var removed: [ClosedRange<Int64>] = []

    /// The batch's records where they are now, for who would only read them back.
    package var events: [SpooledEvent] = []

    /// Whether nothing was appended, since the batch is what has to give way.
    var isRefused = false

    /// The bytes of the pages in use; `nil` = not looked at.
    var pageBytes: Int?

    package init(last: Int64, removed: [ClosedRange<Int64>] = [], events: [SpooledEvent] = []) {
        self.last = last
        self.removed = removed
        self.events = events
    }
}

/// A record that is in the spool.
package struct SpooledEvent: Equatable, Sendable {
    /// Its place in the order of all records ever appended; never used twice.
    package let position: Int64
    package let record: SpoolRecord

    package init(_ record: SpoolRecord, at position: Int64) {
        self.position = position
        self.record = record
    }

    package var host: String { record.host }
    package var bytes: [UInt8] { record.bytes }
    package var isReplay: Bool { record.replayOf != nil }
}

/// A record that can never be sent.
package struct DeadLetter: Hashable, Sendable {
    package let position: Int64

    /// When that was found, in microseconds since 1970.
    package let time: Int64

    /// Why, in words for the operator.
    package let reason: String

    package init(position: Int64, time: Int64, reason: String) {
        self.position = position
        self.time = time
        self.reason = reason
    }
}
