internal import Connections
internal import Logging
internal import SaltBus
internal import Spool

/// The way of a record: out of the spool, into the backlog, onto the bus.
extension Sink {
    /// Reads on, and sends as much as may be sent.
    func pump() {
        if !plans.isReadingAgain {
            do throws(SpoolError) {
                if isMore, canRead { try read() }
                try send()
                isReadable = true
                if isMore, canRead { readOn() }
            } catch {
                readAgain(after: error)
            }
        }
        settleUp()
        if isDrained { resumeDrained() }
    }

    /// The backlog is bounded; what it has no room for is read when it has.
    private var canRead: Bool { backlog.count < Backlog.limit && settlement.span < Settlement.limit }

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
        guard let first = events.first, first.position == settlement.read + 1, canRead else {
            isMore = true
            return
        }
        add(events)
    }

    private func read() throws(SpoolError) {
        let events = try spool.next(after: settlement.read, limit: Self.page)
        isMore = events.count == Self.page
        add(events)
    }

    private func add(_ events: [SpooledEvent]) {
        for event in events {
            pass(through: event.position - 1)
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
    private func pass(through position: Int64) {
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

    private func send() throws(SpoolError) {
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
            let events = try outgoing(picks)
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
    private func outgoing(_ picks: [Backlog.Pick]) throws(SpoolError) -> [OutgoingEvent] {
        let absent = picks.filter { $0.entry.bytes == nil }.map(\.position)
        var found: ArraySlice<SpooledEvent> = []
        do throws(SpoolError) {
            if !absent.isEmpty { found = try spool.events(at: absent)[...] }
        } catch {
            backlog.requeue(window.takeBack(picks.count))
            throw error
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

    private func readAgain(after error: SpoolError) {
        if isReadable { logger.error("Journal cannot be read", metadata: [LogKeys.error: "\(error)"]) }
        isReadable = false
        plans.isReadingAgain = true
        plan(after: .seconds(1)) { sink in
            sink.plans.isReadingAgain = false
            sink.pump()
        }
    }
}
