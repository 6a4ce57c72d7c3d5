/// What the spool keeps of an event: bytes it does not look into, and the keys it may be found by.
package struct SpoolRecord: Hashable, Sendable {
    /// When the event was observed, in microseconds since 1970.
    package var time: Int64

    /// The host it is about; empty for the service's own events.
    package var host: String
    package var object: String
    package var kind: String

    /// The name or UUID of the object, as far as there is one.
    package var subject: String
    package var bytes: [UInt8]

    package init(time: Int64, host: String, object: String, kind: String, subject: String, bytes: [UInt8]) {
        self.time = time
        self.host = host
        self.object = object
        self.kind = kind
        self.subject = subject
        self.bytes = bytes
    }
}

/// A record that is in the spool.
package struct SpooledEvent: Hashable, Sendable {
    /// Its place in the order of all records ever appended; never used twice.
    package let position: Int64
    package let host: String
    package let bytes: [UInt8]

    package init(position: Int64, host: String, bytes: [UInt8]) {
        self.position = position
        self.host = host
        self.bytes = bytes
    }
}
