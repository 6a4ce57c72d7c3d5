internal import Connections
internal import Logging
internal import SaltBus
internal import Spool

/// The way of a record: out of the spool, into the backlog, onto the bus.
extension Sink {
    /// Reads on, and sends as much as may be sent.
    func pump() {
        if isMore, canRead { read() }
        send()
        if isMore, canRead { readOn() }
        settleUp()
        if isDrained { resumeDrained() }
    }

    /// The backlog is bounded; what it has no room for is read when it has.
    private var hasRoom: Bool { backlog.count < Backlog.limit && settlement.span < Settlement.limit }
    private var canRead: Bool { hasRoom && settlement.read >= backlog.unread }

    /// The next page has its turn behind what has come from the bus meanwhile.
    private func readOn() {
        guard !plans.isReading else { return }
        plans.isReading = true
        hop { sink in
            sink.plans.isReading = false
            sink.pump()
        }
    }

    /// Takes what has just been appended as it comes, unless the spool has others before it: then all are read in turn.
    func takeOver(_ events: [SpooledEvent]) {
        guard let first = events.first, first.position == settlement.read + 1, hasRoom else {
            isMore = true
            return
        }
        add(events)
    }

    private func read() {
        let position = settlement.read
        let events = reading(position + 1) { () throws(SpoolError) in
            try spool.next(after: position, limit: Self.page)
        }
        guard let events else { return }
        isMore = events.count == Self.page
        add(events)
    }

    private func add(_ events: [SpooledEvent]) {
        for event in events {
            pass(through: event.position - 1)
            openSince.take(event, settled: settlement.watermark)
            if settlement.take(event.position) {
                counts.read(event.position)
                if let older = backlog.add(event) {
                    settlement.settle(older)
                    counts.tally.coalesced += 1
                    untold += 1
                }
            }
            counts.passed(event.position)
        }
    }

    /// Records that should have come before the next one are gone.
    func pass(through position: Int64) {
        guard position > settlement.read else { return }
        settlement.pass(through: min(position, counts.lastInherited))
        counts.passed(position, missing: settlement.pass(through: position))
    }

    /// Records in this range have been removed from the spool; those that are not read yet will be found missing.
    func drop(_ range: ClosedRange<Int64>) {
        let positions = backlog.drop(range)
        for position in positions { settlement.settle(position) }
        counts.tally.dropped += positions.count
    }

    private func send() {
        guard let session, let bus else { return }
        while !backlog.isEmpty, window.room > 0 {
            let time = scheduler.now
            let room = min(window.room, pacer.room(at: time))
            // By this one look at the clock: a token that comes a moment later needs somebody to come back for it.
            guard room > 0 else { return sendLater() }
            var picks: [Backlog.Pick] = []
            while picks.count < room, window.room > 0, let pick = backlog.pick() {
                window.send(pick, at: time)
                picks.append(pick)
            }
            guard !picks.isEmpty else { break }
            // They wait until they can be read; others need not.
            guard let events = outgoing(picks) else { continue }
            pacer.spend(events.count)
            if !events.isEmpty { bus.send(events, session: session) }
        }
    }

    /// Goes on when there is a token again.
    private func sendLater() {
        guard !plans.isSending else { return }
        plans.isSending = true
        plan(after: pacer.wait()) { sink in
            sink.plans.isSending = false
            sink.pump()
        }
    }

    /// The events of records that are out; what had no room in the cache is read again.
    ///
    /// - Returns: `nil` when that cannot be read; then none of them is out.
    private func outgoing(_ picks: [Backlog.Pick]) -> [OutgoingEvent]? {
        let absent = picks.filter { $0.entry.bytes == nil }.map(\.position)
        var found: ArraySlice<SpooledEvent> = []
        if let first = absent.min() {
            let read = reading(first) { () throws(SpoolError) in try spool.events(at: absent) }
            guard let read else {
                backlog.requeue(window.takeBack(picks.count))
                return nil
            }
            found = read[...]
        }
        var events: [OutgoingEvent] = []
        events.reserveCapacity(picks.count)
        for pick in picks {
            if let bytes = pick.entry.bytes {
                events.append(OutgoingEvent(ticket: pick.position, bytes: bytes))
            } else if let next = found.first, next.position == pick.position {
                events.append(OutgoingEvent(ticket: next.position, bytes: next.bytes))
                found.removeFirst()
            } else {
                backlog.lost(pick)
                if settle(pick.position) != nil { counts.tally.dropped += 1 }
            }
        }
        return events
    }
}
