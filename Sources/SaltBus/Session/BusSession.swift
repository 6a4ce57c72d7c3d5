/// Decides everything about the connection to one master, and touches nothing: no socket, no clock, no log.
///
/// Inputs are facts in the past tense; outputs are the actions to perform, in order. Beside them whoever drives it looks
/// at two properties after each input: ``unwrittenIsEmpty`` for bytes to write and ``deadline`` for when to call
/// ``deadlinePassed(at:)``. A fact that comes late, about a connection that is given up already, changes nothing.
///
/// A session is *ready* once a probe has come back on pub: nothing else shows that the framing is right and the bus
/// alive. Nothing is ever sent again from here; on `lost` everything unconfirmed is forgotten and is the caller's again.
///
/// With ``BusConfiguration/Confirmation/write(_:)`` there is no pub, no probe and no echo: a session is ready once pull is
/// connected, and an event is confirmed once it is written.
package struct BusSession: Sendable {
    package enum Action: Hashable, Sendable {
        case connectPub
        case connectPull
        case closePull

        /// Close whatever is open or connecting.
        case closeAll
        case report(BusReport)
    }

    package enum Side: Hashable, Sendable {
        case pub
        case pull
    }

    enum Phase: Sendable {
        /// Not started.
        ///
        /// To connectingPub.
        case idle

        /// Between attempts.
        ///
        /// To connectingPub when the pause is over; without pub to connectingPull.
        case waiting(until: ContinuousClock.Instant)

        /// To connectingPull, or waiting.
        case connectingPub(deadline: ContinuousClock.Instant)

        /// Pub is connected, if there is one.
        ///
        /// To probing, or waiting; without pub to ready.
        case connectingPull(deadline: ContinuousClock.Instant)

        /// Both are connected.
        ///
        /// To ready, connectingPull with the other framing, connectingPub, or waiting.
        case probing(Probing)

        /// To waiting.
        case ready(since: ContinuousClock.Instant)
    }

    let configuration: BusConfiguration
    var phase = Phase.idle
    var stream = PubStream()
    var queue = OutgoingQueue()
    var watch: EchoWatch
    var backoff: Backoff
    var random: any RandomNumberGenerator & Sendable

    /// What pull is spoken in.
    ///
    /// The newer patch releases of every series want the prefix.
    var framing = Framing.lengthPrefixed

    /// What the last ready session was spoken in; a new attempt begins with it.
    var provenFraming: Framing?

    /// Rounds of probes that stayed silent in this attempt.
    var silentRounds = 0

    /// Sessions in a row that were lost to a missing echo.
    var silentLosses = 0

    /// How long an echo of the session that is ready may take.
    var echoPatience = Duration.zero

    /// The number of the last session that became ready.
    var number = 0

    /// Which failures since a session was ready have been reported.
    var news = FailureNews()

    /// What ``EchoWatch`` does not count.
    var ownCounters = BusCounters()

    package init(_ configuration: BusConfiguration, random: any RandomNumberGenerator & Sendable) {
        self.configuration = configuration
        self.random = random
        watch = EchoWatch(stamp: configuration.stamp)
        if case .write(let given) = configuration.confirm { framing = given }
        backoff = Backoff(base: configuration.backoffBase, cap: configuration.backoffCap)
    }

    /// When ``deadlinePassed(at:)`` is to be called; nil if nothing is waited for.
    package var deadline: ContinuousClock.Instant? {
        switch phase {
        case .idle: nil
        case .waiting(let until): until
        case .connectingPub(let deadline), .connectingPull(let deadline): deadline
        case .probing(let probing): probing.deadline
        case .ready: [writeDeadline, echoDeadline].compactMap(\.self).min()
        }
    }

    package var counters: BusCounters {
        var counters = ownCounters
        counters.eventsSeen = watch.counters.eventsSeen
        counters.foreign = watch.counters.foreign
        counters.echoes = watch.counters.echoes
        return counters
    }

    // MARK: Connecting

    package mutating func started(at moment: BusMoment) -> [Action] {
        guard case .idle = phase else { return [] }
        return connect(at: moment)
    }

    package mutating func pubConnected(at moment: BusMoment) -> [Action] {
        guard case .connectingPub = phase else { return [] }
        return connectPull(at: moment)
    }

    package mutating func pullConnected(at moment: BusMoment) -> [Action] {
        guard case .connectingPull = phase else { return [] }
        if isBlind { return becomeReady(at: moment) }
        beginProbing(at: moment)
        return []
    }

    package mutating func connectFailed(_ failure: BusFailure, at moment: BusMoment) -> [Action] {
        giveUp(failure, at: moment)
    }

    /// A connection ended by itself.
    ///
    /// Pull ended while probing may be the master's answer to the wrong framing, so the other one has the next turn.
    package mutating func disconnected(_ side: Side, _ failure: BusFailure, at moment: BusMoment) -> [Action] {
        guard case .probing = phase, side == .pull else { return giveUp(failure, at: moment) }
        let next = framing.other
        defer { framing = next }
        return giveUp(failure, at: moment)
    }

    // MARK: Time

    /// Time has passed; called early it does nothing.
    package mutating func deadlinePassed(at moment: BusMoment) -> [Action] {
        guard let deadline, deadline <= moment.instant else { return [] }
        switch phase {
        case .idle: return []
        case .waiting: return connect(at: moment)
        case .connectingPub: return giveUp(.connectTimedOut(configuration.endpoint.pub), at: moment)
        case .connectingPull: return giveUp(.connectTimedOut(configuration.endpoint.pull), at: moment)
        case .probing(let probing): return probeStayedSilent(probing, at: moment)
        case .ready:
            if let echoDeadline, echoDeadline <= moment.instant {
                silentLosses += 1
                return giveUp(.echoSilent, at: moment)
            }
            return giveUp(.writeStalled, at: moment)
        }
    }

    // MARK: Pub

    /// Bytes came from pub; they are needed during the call only.
    package mutating func pubRead(_ bytes: UnsafeRawBufferPointer, at moment: BusMoment) -> [Action] {
        switch phase {
        case .idle, .waiting, .connectingPub: return []
        case .connectingPull, .probing, .ready: break
        }
        ownCounters.bytesRead += bytes.count
        let oversized = stream.oversized
        var malformed: PubStream.Malformed?
        do throws(PubStream.Malformed) {
            try stream.read(bytes, into: &watch) { $0.observe($1) }
        } catch {
            malformed = error
        }
        ownCounters.oversized += stream.oversized - oversized
        var actions = echoesSeen(at: moment)
        if let malformed { actions += giveUp(.protocolError(malformed), at: moment) }
        return actions
    }

    private mutating func echoesSeen(at moment: BusMoment) -> [Action] {
        let tickets = watch.takeConfirmed()
        if case .probing = phase, watch.probeEchoed { return becomeReady(at: moment) }
        guard !tickets.isEmpty else { return [] }
        // As long as others are awaited, nobody knows that the master has become any faster.
        if watch.count == 0 { silentLosses = 0 }
        return [.report(.confirmed(session: number, tickets: tickets))]
    }

    // MARK: Ends

    /// Whether there is no pub, so that nothing can be seen.
    var isBlind: Bool { configuration.confirm != .echo }

    mutating func connect(at moment: BusMoment) -> [Action] {
        if isBlind { return connectPull(at: moment) }
        phase = .connectingPub(deadline: moment.instant + configuration.connectDeadline)
        return [.connectPub]
    }

    mutating func connectPull(at moment: BusMoment) -> [Action] {
        phase = .connectingPull(deadline: moment.instant + configuration.connectDeadline)
        return [.connectPull]
    }

    /// The one way a connection ends, whatever happened to it.
    mutating func giveUp(_ failure: BusFailure, at moment: BusMoment) -> [Action] {
        var actions = [Action.closeAll]
        switch phase {
        case .idle, .waiting:
            return []
        case .connectingPub, .connectingPull, .probing:
            ownCounters.failedAttempts += 1
            if news.isNews(failure) { actions.append(.report(.unavailable(failure))) }
        case .ready(let since):
            ownCounters.losses += 1
            // A session that stood for a while starts the pauses anew; one that fell at once does not.
            if moment.instant - since >= configuration.backoffCap { backoff.reset() }
            actions.append(.report(.lost(session: number, failure)))
        }
        let cap = failure.code == .protocolError ? configuration.distrustCap : nil
        phase = .waiting(until: moment.instant + backoff.next(cap: cap, using: &random))
        framing = provenFraming ?? framing
        silentRounds = 0
        forgetConnections()
        return actions
    }

    /// What the connections left means nothing to those after them.
    mutating func forgetConnections() {
        stream = PubStream()
        queue = OutgoingQueue()
        watch.connectionLost()
    }
}
