internal import Logging

/// What comes in from the connection, and what goes out as reports.
extension Watcher {
    /// One for the watcher's life, so that a loss and the events before it keep their order across connections.
    func inbox() -> Mailbox<ConnectionInlet.Delivery> {
        if let mailbox { return mailbox }
        // Weak, because a connection holds it, and may be held by what it tells.
        let made = Mailbox<ConnectionInlet.Delivery>(queue: executor.queue) { [weak self] items in
            self?.assumeIsolated { $0.take(items) }
        }
        mailbox = made
        return made
    }

    private func take(_ deliveries: [ConnectionInlet.Delivery]) {
        var reports: [HostReport] = []
        for delivery in deliveries {
            switch delivery {
            case .event(let generation, let event):
                switch machine.hearing(of: generation) {
                case .now: reports += self.reports(of: event)
                case .onceUp: early.append(event)
                case .never:
                    inFlight.account(suppressed: 1)
                    inFlight.leave(event.places)
                    continue
                }
                current.events += 1
            // Whoever's it was: the host's next drop, on whatever connection, is told only once this is seen to.
            case .dropping: dropsBegan()
            case .closed(let generation, let reason):
                send(reports)
                reports = []
                lost(generation, failure(of: reason))
            }
        }
        send(reports)
        publish()
    }

    private func failure(of reason: DownReason) -> EstablishFailure {
        let message =
            switch reason {
            case .keepalive: "no answer to keepalive for \(host.keepalive.patience)"
            case .eof, .error: "the connection was closed by the other side"
            case .client: "the connection was closed by this side"
            default: "the connection was lost"
            }
        return EstablishFailure(reason, message)
    }

    /// The connection of a try is lost, or given up.
    func lost(_ generation: Int, _ failure: EstablishFailure) {
        let now = environment.scheduler.now
        let wasUpFor = now - upSince
        if machine.state == .watching(try: generation) {
            outageBegan()
            countLoss()
        }
        perform(
            machine.connectionLost(
                try: generation,
                failure,
                wasUpFor: wasUpFor,
                using: &random,
                spread: { [spread = environment.spread] in spread.delay($0, at: now) }
            )
        )
    }

    func announceUp(attempt: Int) {
        guard let facts = connection?.facts else { return }
        upSince = environment.scheduler.now
        downSince = nil
        graceEnd?.cancel()
        graceEnd = nil
        if current.phase == .down { countReturn() }
        current.phase = .up
        current.since = environment.now()
        current.attempts = 0
        current.down = nil
        tell(state.hear(true, at: environment.now()))
        let took = environment.scheduler.now - attemptBegan
        environment.logger.info(
            "Host up",
            metadata: [
                LogKeys.host: "\(host.name)", LogKeys.uri: "\(facts.uri)", LogKeys.attempt: "\(attempt)",
                LogKeys.took: "\(took.brief)",
                LogKeys.keepalive: "\(facts.keepsAlive ? "on" : "unsupported")",
                LogKeys.kinds: "\(facts.registered.count)",
                LogKeys.refused: "\(facts.refused.map(\.kind.path).joined(separator: " "))",
            ]
        )
        say(announcer.up(HostUp(attempt: attempt, took: took, facts: facts)))
    }

    /// Reports what the announcer wants said.
    func say(_ word: Announcer.Word?) {
        switch word {
        case .up(let up): send([report(.up(up), observed: environment.now())])
        case .down(let down): send([report(.down(down), observed: environment.now())])
        case .flapping(let flapping): send([report(.flapping(flapping), observed: environment.now())])
        case .degraded(let degradation): send([report(.degraded(degradation), observed: environment.now())])
        case .recovered(let degradation): send([report(.recovered(degradation), observed: environment.now())])
        case nil: break
        }
    }

    func goDown(_ failure: EstablishFailure, retryAfter delay: Duration, isNews: Bool) {
        let now = environment.now()
        let down = HostDown(
            reason: failure.reason,
            message: failure.message,
            since: downSince ?? now,
            nextAttempt: now + delay
        )
        evidence.lost(failure.reason)
        if current.phase != .down { current.since = down.since }
        current.phase = .down
        current.down = down
        // What came after it was maybe not heard: that is where the gap begins.
        tell(state.hear(false, at: lastProof() ?? now))
        defer {
            say(announcer.down(down, grace: host.downGrace))
            scheduleGraceEnd()
        }
        guard isNews else { return }
        environment.logger.warning(
            "Host down",
            metadata: [
                LogKeys.host: "\(host.name)", LogKeys.reason: "\(failure.reason.rawValue)",
                LogKeys.error: "\(failure.message)",
                LogKeys.retry: "\(delay.brief)",
            ]
        )
    }

    /// The last word on a host that nobody will watch any more.
    func sayGoodbye(_ failure: EstablishFailure) {
        let now = environment.now()
        let down = HostDown(reason: failure.reason, message: failure.message, since: downSince ?? now, nextAttempt: nil)
        send([report(.down(down), observed: now)])
    }

    /// Reports the events that came before the try they belong to had a result, which it has now.
    func reportEarly() {
        send(early.flatMap { reports(of: $0) })
        early = []
    }

    /// What an event gives, reduced before anybody filters it: what must have come before it, and itself, unless it has
    /// been told already.
    private func reports(of event: HostEvent) -> [HostReport] {
        guard isCovered(event) else {
            inFlight.account(suppressed: 1)
            inFlight.leave(event.places)
            return []
        }
        proved(by: event)
        if isForetold(event) { return [] }
        let before = prerequisites(of: event)
        return before + [report(.event(event), observed: event.observed, changes: reduce(event))]
    }

    /// Whether what comes after an event is heard, too, or in a gap.
    ///
    /// At first sight there is none, and of a connection that does not come to stand nobody would tell what comes after.
    private func isCovered(_ event: HostEvent) -> Bool {
        current.phase == .up || gaps.beginning(of: event.kind.object) != nil
    }

    func report(
        _ body: HostReport.Body,
        observed: Timestamp,
        changes: [StateChange] = [],
        synthetic: Synthesis? = nil
    ) -> HostReport {
        remember(body, at: observed)
        return HostReport(
            host: host.name,
            sequence: sequence.next(),
            observed: observed,
            uri: uri,
            hostUUID: hostUUID,
            body: body,
            changes: changes,
            synthetic: synthetic
        )
    }

    func send(_ reports: [HostReport]) {
        if !reports.isEmpty { receive(reports) }
    }
}
