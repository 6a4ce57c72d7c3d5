/// What a watcher does next, decided without a clock, a queue or a connection.
///
/// Facts go in through the methods, actions come out; the watcher carries them out. An attempt to open has two tries: a
/// fast one that every attempt begins with, and, only if that one timed out, a slow one in a lane of its own.
package struct WatcherStateMachine: Sendable {
    package enum State: Hashable, Sendable {
        /// Not started. Can become `opening`, `stopped`.
        case idle
        /// A try is under way. Can become `opening` (slow), `watching`, `waiting`, `stopping`.
        case opening(try: Int, speed: Speed)
        /// Everything is registered. Can become `opening`, `waiting`, `stopping`.
        case watching(try: Int)
        /// Down, with a retry scheduled. Can become `opening`, `stopping`.
        case waiting
        /// Told to stop while a try or a close is under way. Can become `stopped`.
        case stopping
        /// The end.
        case stopped
    }

    package enum Speed: Hashable, Sendable { case fast, slow }

    package enum Action: Hashable, Sendable {
        /// Begins a try. Its number comes back with its result.
        case open(try: Int, speed: Speed)
        case abortOpen
        case announceUp(attempt: Int)
        /// - Parameter isNews: Whether to announce it: once per outage, and once more when the reason changes.
        case goDown(EstablishFailure, retryAfter: Duration, isNews: Bool)
        case scheduleRetry(after: Duration)
        /// Lets go of the connection; `connectionClosed` follows.
        case close
        case cancelRetry
        case finish
    }

    package enum Hearing: Hashable, Sendable {
        case now
        /// When the try has its result.
        case onceUp
        case never
    }

    package private(set) var state = State.idle
    private var backoff: Backoff
    private var tries = 0

    /// The try that last made the host up.
    private var watched: Int?

    /// Whether that was given up with its connection alive: then it is heard until another try begins, and no longer.
    private var isGivenUp = false

    /// Attempts since the host was last up.
    package private(set) var attempts = 0

    /// The reason this outage was last announced with.
    private var announced: DownReason?

    /// The connection of the try under way was lost before its result arrived: it must not count as up, or the host
    /// would look fine and be deaf.
    private var lostEarly: EstablishFailure?

    /// Whether a try has no result yet; the watcher ends only after it.
    package private(set) var isOpening = false

    /// Connections whose close has not returned.
    private var closing = 0

    /// Whether the host is lost too often for quick retries.
    private var isSlowed = false

    package init(backoff: Backoff) {
        self.backoff = backoff
    }

    package mutating func started() -> [Action] {
        guard state == .idle else { return [] }
        return beginAttempt()
    }

    package mutating func retryDue() -> [Action] {
        guard state == .waiting else { return [] }
        return beginAttempt()
    }

    package mutating func established(try number: Int, using random: inout some RandomNumberGenerator) -> [Action] {
        switch state {
        case .opening(number, _):
            isOpening = false
            if let failure = lostEarly {
                watched = number
                closing += 1
                return [.close] + goDown(failure, using: &random)
            }
            state = .watching(try: number)
            watched = number
            announced = nil
            defer { attempts = 0 }
            return [.announceUp(attempt: attempts)]
        case .stopping:
            isOpening = false
            closing += 1
            return [.close]
        default:
            return []
        }
    }

    /// A try failed, or passed its deadline.
    package mutating func openFailed(
        try number: Int,
        _ failure: EstablishFailure,
        using random: inout some RandomNumberGenerator
    ) -> [Action] {
        switch state {
        case .opening(number, .fast) where failure.reason == .timeout:
            // The slow try may have to wait for its lane, behind many like it: what is known is said now.
            // But only news: in an outage that has a reason, the slow try's is the better one.
            return (announced == nil ? [note(failure, retryAfter: .zero)] : []) + beginTry(.slow)
        case .opening(number, _):
            isOpening = false
            return goDown(failure, using: &random)
        case .stopping:
            isOpening = false
            return finishIfDone()
        default:
            return []
        }
    }

    /// The try that was to be aborted had not begun; there will be no result.
    package mutating func openWithdrawn() -> [Action] {
        guard state == .stopping else { return [] }
        isOpening = false
        return finishIfDone()
    }

    /// The connection of a try is lost.
    ///
    /// - Parameters:
    ///   - wasUpFor: How long the host was up. A connection that outlasted the longest backoff was a good one.
    ///   - spread: Makes of the delay until the retry what many hosts that are lost at once can have. The default is to
    ///     leave it.
    package mutating func connectionLost(
        try number: Int,
        _ failure: EstablishFailure,
        wasUpFor: Duration,
        using random: inout some RandomNumberGenerator,
        spread: (Duration) -> Duration = { $0 }
    ) -> [Action] {
        switch state {
        case .opening(number, _):
            lostEarly = failure
            return []
        case .watching(number):
            if wasUpFor > backoff.cap { backoff.reset() }
            isGivenUp = failure.reason == .probe
            closing += 1
            return [.close] + goDown(failure, using: &random, spread: spread)
        default:
            return []
        }
    }

    /// The connection is not what it should be, and is to be replaced by another at once.
    ///
    /// Nothing is announced unless that fails. What the old one still tells is not heard: the other one may tell it, too,
    /// and what neither does is made up for.
    package mutating func replacementRequested() -> [Action] {
        guard case .watching = state else { return [] }
        watched = nil
        closing += 1
        return [.close] + beginAttempt()
    }

    /// The host is lost too often for quick retries, or has calmed down.
    package mutating func slowDown(_ isSlowed: Bool) {
        self.isSlowed = isSlowed
    }

    package mutating func stopRequested() -> [Action] {
        switch state {
        case .idle:
            state = .stopped
            return [.finish]
        case .opening:
            state = .stopping
            return [.abortOpen]
        case .watching:
            state = .stopping
            closing += 1
            return [.close]
        case .waiting:
            state = .stopping
            return [.cancelRetry] + finishIfDone()
        case .stopping, .stopped:
            return []
        }
    }

    /// What to do with an event, by the try whose connection it came on.
    ///
    /// A connection's last events may follow its loss: libvirt calls the close callback at once, and events a turn of
    /// the loop later. A try that was given up is not believed: it may still come alive beside the one that followed.
    package func hearing(of number: Int) -> Hearing {
        switch state {
        case .stopped: .never
        case .opening(number, _): .onceUp
        case _ where number == watched: .now
        default: .never
        }
    }

    package mutating func connectionClosed() -> [Action] {
        closing -= 1
        return state == .stopping ? finishIfDone() : []
    }

    private mutating func beginAttempt() -> [Action] {
        attempts += 1
        return beginTry(.fast)
    }

    private mutating func beginTry(_ speed: Speed) -> [Action] {
        tries += 1
        lostEarly = nil
        if isGivenUp {
            // The other one may tell what it still tells, too.
            watched = nil
            isGivenUp = false
        }
        isOpening = true
        state = .opening(try: tries, speed: speed)
        return [.open(try: tries, speed: speed)]
    }

    private mutating func goDown(
        _ failure: EstablishFailure,
        using random: inout some RandomNumberGenerator,
        spread: (Duration) -> Duration = { $0 }
    ) -> [Action] {
        state = .waiting
        let delay = spread(backoff.next(isSlowed: isSlowed, using: &random))
        return [note(failure, retryAfter: delay), .scheduleRetry(after: delay)]
    }

    private mutating func note(_ failure: EstablishFailure, retryAfter delay: Duration) -> Action {
        defer { announced = failure.reason }
        return .goDown(failure, retryAfter: delay, isNews: announced != failure.reason)
    }

    private mutating func finishIfDone() -> [Action] {
        guard closing == 0, !isOpening else { return [] }
        state = .stopped
        return [.finish]
    }
}
