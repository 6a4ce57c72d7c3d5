extension BusSession {
    /// True if there is nothing to write.
    package var unwrittenIsEmpty: Bool { queue.isEmpty }

    /// Events that were given to the connection and have not come back.
    package var awaitedEchoes: Int { watch.count }

    /// The bytes to write to pull, valid during the call; tell ``pullWritten(_:at:)`` how many were taken.
    package func withUnwritten<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        queue.withUnwritten(body)
    }

    /// The first `count` unwritten bytes were taken by the socket.
    package mutating func pullWritten(_ count: Int, at moment: BusMoment) -> [Action] {
        ownCounters.bytesWritten += count
        queue.advance(by: count, at: moment.instant)
        watch.written(upTo: queue.written, at: moment.instant)
        guard isBlind else { return [] }
        let tickets = watch.takeWritten()
        return tickets.isEmpty ? [] : [.report(.confirmed(session: number, tickets: tickets))]
    }

    /// The caller asked for events to be sent, in this order.
    ///
    /// Ignored for any session but the one that is ready: its end has been reported, or is about to be.
    package mutating func sendRequested(
        _ events: [OutgoingEvent],
        session: Int,
        at moment: BusMoment
    ) -> [Action] {
        guard case .ready = phase, session == number else {
            ownCounters.ignored += events.count
            return []
        }
        var actions: [Action] = []
        let stamp = Stamp(microseconds: moment.wall, form: watch.stamps.form)
        for (index, event) in events.enumerated() {
            guard watch.count < EchoWatch.limit, queue.end - queue.written < OutgoingQueue.limit else {
                ownCounters.ignored += events.count - index
                return actions + giveUp(.overrun, at: moment)
            }
            let unstamped = UnstampedEvent(bytes: event.bytes)
            do throws(UnstampedEvent.Malformed) {
                let parts = try unstamped.parts()
                queue.append(unstamped, stamp: stamp, framing: framing, at: moment.instant)
                watch.expect(unstamped, parts, ticket: event.ticket, end: queue.end)
            } catch {
                ownCounters.undeliverable += 1
                actions.append(
                    .report(.undeliverable(session: number, ticket: event.ticket, why: error.message))
                )
            }
        }
        return actions
    }

    var writeDeadline: ContinuousClock.Instant? {
        queue.waitingSince.map { $0 + configuration.writeDeadline }
    }

    var echoDeadline: ContinuousClock.Instant? {
        watch.oldestWrittenAt.map { $0 + echoPatience }
    }
}
