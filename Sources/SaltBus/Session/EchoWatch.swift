internal import DequeModule

/// Knows what was given to the connection and recognises it on pub.
///
/// An event is an echo only if all of it is what was given, byte for byte, with a stamp after it: masters pass on what
/// they take. A copy under another tag, as a syndic makes them, proves nothing about this bus and confirms nothing; nor does
/// an event with a tag and an id of ours that anybody else has made up.
struct EchoWatch: Sendable {
    /// Each keeps its event's bytes, which are those that it was given and no copy.
    static let limit = 4096

    /// An event that is queued or written and has not come back.
    private struct Outstanding: Sendable {
        let ticket: Int64
        let event: UnstampedEvent
        let hashes: EchoHashes

        /// Where its frame ends in the connection's stream.
        let end: Int

        /// When all of it was written; nil until then.
        var writtenAt: ContinuousClock.Instant?
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
        let hashes = event.bytes.span.bytes.withUnsafeBytes { bytes in
            let tag = EchoHashes.tag(UnsafeRawBufferPointer(rebasing: bytes[parts.tag.dropLast(2)]))
            return EchoHashes(tag: tag, id: UnsafeRawBufferPointer(rebasing: bytes[parts.id]))
        }
        if outstanding.isEmpty {
            commonPrefix = [UInt8](tag)
        } else if !tag.withUnsafeBytes({ $0.starts(with: commonPrefix) }) {
            commonPrefix = zip(commonPrefix, tag).prefix { $0 == $1 }.map { $0.0 }
        }
        known.insert(hashes)
        outstanding.append(Outstanding(ticket: ticket, event: event, hashes: hashes, end: end))
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

    private mutating func confirm(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard let index = index(of: bytes) else { return nil }
        if index < writtenCount { writtenCount -= 1 }
        let event = index == 0 ? outstanding.removeFirst() : outstanding.remove(at: index)
        known.remove(event.hashes)
        return event.ticket
    }

    /// The echo of the oldest is what mostly comes, and costs one comparison.
    private func index(of bytes: UnsafeRawBufferPointer) -> Int? {
        guard let oldest = outstanding.first, bytes.starts(with: commonPrefix) else { return nil }
        if bytes.starts(with: oldest.event.bytes) { return 0 }
        guard let event = EventSlice(bytes) else { return nil }
        let tag = EchoHashes.tag(event.tag)
        // Only now is its data looked into.
        guard known.hasTag(tag), let id = event.text(of: "relay", "id") else { return nil }
        let hashes = EchoHashes(tag: tag, id: id)
        guard known.hasKey(hashes) else { return nil }
        return outstanding.firstIndex { $0.hashes == hashes && bytes.starts(with: $0.event.bytes) }
    }
}
