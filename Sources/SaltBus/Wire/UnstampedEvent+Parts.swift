extension UnstampedEvent {
    /// The largest event that is sent, 1,000 KiB: below Salt's own `max_event_size` of 1 MiB and, stamp included, below
    /// what ``PubStream`` keeps, or its echo would go unseen.
    package static let limit = 1000 << 10

    /// Why bytes are no event that can be sent and confirmed.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let message: String
        package var description: String { message }
    }

    /// What an echo is recognised by; positions in ``bytes``.
    struct Parts: Hashable {
        /// The tag with the blank line that ends it.
        let tag: Range<Int>

        /// The text of `relay.id`.
        let id: Range<Int>
    }

    /// Reads the whole event: a master drops, or relays to everyone, what is not well formed, and confirms it never.
    func parts() throws(Malformed) -> Parts {
        guard bytes.count <= Self.limit else {
            throw Malformed(message: "the event has \(bytes.count) bytes; at most \(Self.limit) can be sent")
        }
        return try bytes.span.bytes.withUnsafeBytes { (buffer) throws(Malformed) in
            guard let event = EventSlice(buffer), !event.tag.isEmpty else {
                throw Malformed(message: "the event has no tag with a blank line after it")
            }
            guard let id = event.text(of: "relay", "id"), !id.isEmpty, let first = buffer.baseAddress,
                let start = id.baseAddress
            else { throw Malformed(message: "the event has no relay.id") }
            do throws(MessagePackError) {
                try Self.checkEntries(event.data)
            } catch {
                throw Malformed(message: "the event's data is not a map that lacks its last entry: \(error)")
            }
            return Parts(tag: 0..<event.tag.count + 2, id: start - first..<start - first + id.count)
        }
    }

    /// Walks over `data`, a map, which must end where the stamp is missing.
    private static func checkEntries(_ data: UnsafeRawBufferPointer) throws(MessagePackError) {
        var scanner = MessagePackScanner(data)
        let promised = try scanner.token().children
        for _ in 0..<max(0, promised - 2) { try scanner.skip() }
        guard promised >= 2, scanner.remaining == 0 else { throw .trailing }
    }
}
