internal import DequeModule

/// Knows what was given to the connection and recognises it on pub.
///
/// An event is an echo only if its tag and `relay.id` are those of an outstanding one. A copy under another tag, as a
/// syndic makes them, proves nothing about this bus and confirms nothing.
struct EchoWatch: Sendable {
    /// 4,096 events of which the tag and the id are kept: with both at 200 bytes, 2 MB.
    static let limit = 4096

    /// An event that is queued or written and has not come back.
    private struct Outstanding: Sendable {
        let ticket: Int64

        /// The tag with its blank line, then the id.
        let key: [UInt8]
        let tagCount: Int
        let hashes: EchoHashes

        /// Where its frame ends in the connection's stream.
        let end: Int

        /// When all of it was written; nil until then.
        var writtenAt: ContinuousClock.Instant?

        /// `tag` comes without its blank line.
        func matches(tag: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) -> Bool {
            tag.isEqual(to: key[..<(tagCount - 2)]) && id.isEqual(to: key[tagCount...])
        }
    }

    /// In the order sent.
    private var outstanding: Deque<Outstanding> = []

    /// How many of `outstanding` are written; they come first.
    private var writtenCount = 0

    /// What the tags of all that is outstanding begin with.
    ///
    /// Nearly everything else on pub is dismissed by one comparison with it.
    private var commonPrefix: [UInt8] = []

    /// The tags and the ids that are outstanding: another service's events, or forged ones, cost no search.
    private var known = EchoHashes.Counts()

    /// What the probe of this connection begins with; its stamp follows.
    private var probe: [UInt8]?

    private(set) var stamps: StampChoice
    private(set) var counters = BusCounters()

    /// Seen since the last ``takeConfirmed()``.
    private var confirmed: [Int64] = []
    private(set) var probeEchoed = false

    init(stamp: StampSetting) {
        stamps = StampChoice(stamp)
    }

    var count: Int { outstanding.count }

    /// When the oldest outstanding event was written; nil if none is.
    var oldestWrittenAt: ContinuousClock.Instant? { outstanding.first?.writtenAt }

    /// A new connection has a probe of its own, so that a late echo of an earlier one settles nothing.
    mutating func expectProbe(_ event: UnstampedEvent) {
        probe = event.bytes
        probeEchoed = false
    }

    /// Expects the echo of an event whose frame ends at `end`.
    mutating func expect(_ event: UnstampedEvent, _ parts: UnstampedEvent.Parts, ticket: Int64, end: Int) {
        let tag = event.bytes[parts.tag]
        var key: [UInt8] = []
        key.reserveCapacity(parts.tag.count + parts.id.count)
        key += tag
        key += event.bytes[parts.id]
        let hashes = key.withUnsafeBytes { key in
            let tag = EchoHashes.tag(UnsafeRawBufferPointer(rebasing: key[..<(parts.tag.count - 2)]))
            return EchoHashes(tag: tag, id: UnsafeRawBufferPointer(rebasing: key[parts.tag.count...]))
        }
        if outstanding.isEmpty {
            commonPrefix = [UInt8](tag)
        } else if !tag.withUnsafeBytes({ $0.starts(with: commonPrefix) }) {
            commonPrefix = zip(commonPrefix, tag).prefix { $0 == $1 }.map { $0.0 }
        }
        known.insert(hashes)
        outstanding.append(Outstanding(ticket: ticket, key: key, tagCount: tag.count, hashes: hashes, end: end))
    }

    /// The connection's stream is written up to `position`.
    mutating func written(upTo position: Int, at instant: ContinuousClock.Instant) {
        while writtenCount < outstanding.count, outstanding[writtenCount].end <= position {
            outstanding[writtenCount].writtenAt = instant
            writtenCount += 1
        }
    }

    /// The tickets of what is written, for who waits for no echo; they are outstanding no more.
    mutating func takeWritten() -> [Int64] {
        let written = outstanding.prefix(writtenCount)
        let tickets = written.map(\.ticket)
        for event in written { known.remove(event.hashes) }
        outstanding.removeFirst(writtenCount)
        writtenCount = 0
        return tickets
    }

    /// Takes one event of pub.
    mutating func observe(_ bytes: UnsafeRawBufferPointer) {
        counters.eventsSeen += 1
        if let probe, bytes.starts(with: probe) {
            probeEchoed = true
            return
        }
        if let ticket = confirm(bytes) {
            counters.echoes += 1
            confirmed.append(ticket)
            return
        }
        counters.foreign += 1
        if !stamps.isSettled, let event = EventSlice(bytes) { stamps.observe(event) }
    }

    /// The tickets that came back since the last call.
    mutating func takeConfirmed() -> [Int64] {
        var tickets: [Int64] = []
        swap(&tickets, &confirmed)
        return tickets
    }

    /// Forgets what a connection left; what is known of the master stays.
    mutating func connectionLost() {
        outstanding.removeAll()
        writtenCount = 0
        known = EchoHashes.Counts()
        probe = nil
        probeEchoed = false
        confirmed.removeAll()
        stamps.connectionLost()
    }

    /// The echo of the oldest is what mostly comes, so looking through all of them ends at the first.
    private mutating func confirm(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard !outstanding.isEmpty, bytes.starts(with: commonPrefix), let event = EventSlice(bytes) else { return nil }
        let tag = EchoHashes.tag(event.tag)
        // Only now is its data looked into.
        guard known.hasTag(tag), let id = event.text(of: "relay", "id") else { return nil }
        let hashes = EchoHashes(tag: tag, id: id)
        guard known.hasKey(hashes),
            let index = outstanding.firstIndex(where: { $0.hashes == hashes && $0.matches(tag: event.tag, id: id) })
        else { return nil }
        if index < writtenCount { writtenCount -= 1 }
        known.remove(hashes)
        return index == 0 ? outstanding.removeFirst().ticket : outstanding.remove(at: index).ticket
    }
}
