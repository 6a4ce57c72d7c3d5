extension BusSession {
    /// A round of two probes on one connection.
    struct Probing: Sendable {
        let event: UnstampedEvent
        var sent = 1

        /// The silence that ends a probe.
        let wait: Duration
        var deadline: ContinuousClock.Instant
    }

    /// Each connection has a nonce of its own, so that what an earlier one wrote settles nothing.
    mutating func beginProbing(at moment: BusMoment) {
        let nonce = String(random.next() as UInt64, radix: 16)
        let event = UnstampedEvent(tag: configuration.probeTag, entries: 1) { map in
            map.string("nonce")
            map.string(nonce)
        }
        watch.expectProbe(event)
        let wait = min(configuration.probeWaitCap, configuration.probeWait.doubled(silentRounds))
        phase = .probing(Probing(event: event, wait: wait, deadline: moment.instant + wait))
        sendProbe(event, at: moment)
    }

    /// A second probe, or after it the other framing on a new connection: a master that was spoken to in the wrong one
    /// waits for the rest of a frame that never comes.
    ///
    /// After both framings pub is connected anew, too: the one that is open may be that of a publisher which hangs, or was
    /// orphaned, while another has long taken its place at the same path.
    mutating func probeStayedSilent(_ probing: Probing, at moment: BusMoment) -> [Action] {
        guard probing.sent == 2 else {
            var probing = probing
            probing.sent += 1
            probing.deadline = moment.instant + probing.wait
            phase = .probing(probing)
            sendProbe(probing.event, at: moment)
            return []
        }
        silentRounds += 1
        framing = framing.other
        guard silentRounds.isMultiple(of: 2) else {
            queue = OutgoingQueue()
            return [.closePull] + connectPull(at: moment)
        }
        forgetConnections()
        let report: [Action] = news.isNews(.probesSilent) ? [.report(.unavailable(.probesSilent))] : []
        return [.closeAll] + report + connect(at: moment)
    }

    mutating func becomeReady(at moment: BusMoment) -> [Action] {
        phase = .ready(since: moment.instant)
        provenFraming = framing
        news = FailureNews()
        number += 1
        echoPatience = min(configuration.echoDeadlineCap, configuration.echoDeadline.doubled(silentLosses))
        ownCounters.sessions += 1
        return [.report(.ready(session: number, framing: framing))]
    }

    private mutating func sendProbe(_ event: UnstampedEvent, at moment: BusMoment) {
        ownCounters.probesSent += 1
        let stamp = Stamp(microseconds: moment.wall, form: watch.stamps.form)
        queue.append(event, stamp: stamp, framing: framing, at: moment.instant)
    }
}
