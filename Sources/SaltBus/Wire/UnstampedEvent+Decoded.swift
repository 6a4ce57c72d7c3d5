extension UnstampedEvent {
    /// Takes the event apart, for whoever wants to look at it.
    ///
    /// - Returns: The tag, and the data without the `_stamp`, which it gets when it is sent.
    /// - Throws: ``Malformed`` for bytes that are no event that lacks its stamp.
    package func decoded() throws(Malformed) -> (tag: String, data: MessagePackValue) {
        try bytes.span.bytes.withUnsafeBytes { (buffer) throws(Malformed) in
            guard let event = EventSlice(buffer) else {
                throw Malformed(message: "the event has no tag with a blank line after it")
            }
            do throws(MessagePackError) {
                var scanner = MessagePackScanner(event.data)
                guard case .map(let promised) = try scanner.token(), promised > 0 else { throw .reserved }
                // With a head that no longer counts the stamp it is an ordinary map.
                var encoder = MessagePackEncoder()
                encoder.map(promised - 1)
                encoder.raw(event.data[scanner.position...])
                let data = try MessagePackDecoder.decode(encoder.bytes)
                return (String(decoding: event.tag, as: UTF8.self), data)
            } catch {
                throw Malformed(message: "the event's data is not a map that lacks its last entry: \(error)")
            }
        }
    }

    /// Whether the text at `key` of the map at `object` of the event's data is this one.
    ///
    /// - Parameter event: The bytes of an event; others say no.
    package static func has(
        _ text: String,
        at key: StaticString,
        of object: StaticString,
        in event: UnsafeRawBufferPointer
    ) -> Bool {
        guard let found = EventSlice(event)?.text(of: object, key) else { return false }
        return found.elementsEqual(text.utf8)
    }
}
