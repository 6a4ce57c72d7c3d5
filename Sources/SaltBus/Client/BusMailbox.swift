/// What other threads leave for the bus thread, and what it leaves for them.
final class BusMailbox: Sendable {
    /// Events of one session; asking for a newer one makes those of an older one moot.
    struct Order: Sendable {
        var session = 0
        var events: [OutgoingEvent] = []
    }

    private struct Contents: Sendable {
        var order = Order()
        var isStopped = false
        var ignored = 0
        var counters = BusCounters()
    }

    /// One more than a session may hold, so that a session is sure to notice that it was given too much.
    ///
    /// 4,097 events of 264 bytes are 1.1 MB; the arrays are shared with whoever sends, who keeps them till confirmed.
    private static let limit = EchoWatch.limit + 1

    let wake = WakeSignal()
    private let contents = PosixLock(Contents())

    func put(_ events: [OutgoingEvent], session: Int) {
        contents.withLock { contents in
            if session > contents.order.session {
                contents.ignored += contents.order.events.count
                contents.order = Order(session: session)
            }
            let room = session == contents.order.session ? Self.limit - contents.order.events.count : 0
            contents.order.events += events.prefix(room)
            contents.ignored += max(0, events.count - room)
        }
        wake.signal()
    }

    func stop() {
        contents.withLock { $0.isStopped = true }
        wake.signal()
    }

    /// Takes what was ordered and leaves the counters; nil after ``stop()``.
    func take(leaving counters: BusCounters) -> Order? {
        contents.withLock { contents in
            contents.counters = counters
            guard !contents.isStopped else { return nil }
            defer { contents.order.events = [] }
            return contents.order
        }
    }

    var counters: BusCounters {
        contents.withLock { contents in
            var counters = contents.counters
            counters.ignored += contents.ignored
            return counters
        }
    }
}
