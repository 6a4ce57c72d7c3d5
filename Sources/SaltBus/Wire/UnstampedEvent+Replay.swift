extension UnstampedEvent {
    /// The same event, told again: `replay: true` in its `relay` map, and everything else byte for byte as it was.
    ///
    /// Its `relay.id` is that of the first time, by which whoever has seen it knows it.
    ///
    /// - Throws: ``Malformed`` for bytes that are no event of ours.
    package func replayed() throws(Malformed) -> UnstampedEvent {
        try bytes.span.bytes.withUnsafeBytes { (buffer) throws(Malformed) in
            guard let event = EventSlice(buffer) else {
                throw Malformed(message: "the event has no tag with a blank line after it")
            }
            if event.isReplay { return self }
            do throws(MessagePackError) {
                var scanner = MessagePackScanner(event.data)
                guard try scanner.enter("relay") else { throw .truncated }
                let head = scanner.position
                guard case .map(let count) = try scanner.token() else { throw .reserved }
                let entries = scanner.position
                for _ in 0..<2 * count { try scanner.skip() }
                let start = event.tag.count + 2
                var encoder = MessagePackEncoder(appendingTo: Array(buffer[..<(start + head)]))
                encoder.map(count + 1)
                encoder.raw(buffer[(start + entries)..<(start + scanner.position)])
                encoder.string("replay")
                encoder.bool(true)
                encoder.raw(buffer[(start + scanner.position)...])
                return UnstampedEvent(bytes: encoder.bytes)
            } catch {
                throw Malformed(message: "the event has no relay map: \(error)")
            }
        }
    }
}

extension EventSlice {
    /// Whether it has been marked already.
    fileprivate var isReplay: Bool {
        var scanner = MessagePackScanner(data)
        let isThere = try? scanner.enter("relay") && scanner.enter("replay")
        return isThere ?? false
    }
}
