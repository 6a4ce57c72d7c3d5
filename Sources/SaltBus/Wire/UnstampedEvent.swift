/// An event that lacks nothing but its `_stamp`: `tag "\n\n" map`.
///
/// The map's header already counts the stamp, which is appended last when the event is sent. So a journal keeps events
/// encoded, and sending one, however late and often, decodes and encodes nothing.
package struct UnstampedEvent: Hashable, Sendable {
    package let bytes: [UInt8]

    /// Bytes that were an unstamped event before; ``parts`` judges them.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Builds an event.
    ///
    /// - Parameters:
    ///   - tag: Where reactors look for it.
    ///   - entries: The number of keys that `body` writes, each followed by its value.
    ///   - body: Writes the entries.
    /// - Throws: What `body` throws.
    package init<Failure: Error>(
        tag: Tag,
        entries: Int,
        body: (inout MessagePackEncoder) throws(Failure) -> Void
    ) throws(Failure) {
        var encoder = MessagePackEncoder()
        encoder.reserveCapacity(512)
        encoder.raw(tag.text.utf8)
        encoder.raw("\n\n".utf8)
        encoder.map(entries + 1)
        try body(&encoder)
        bytes = encoder.bytes
    }

    /// The event as it travels: `EVENT` in a frame's body.
    package func stamped(with stamp: Stamp) -> [UInt8] {
        bytes + stamp.entry
    }
}
