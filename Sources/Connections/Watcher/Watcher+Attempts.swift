internal import Logging

/// Opening and closing.
extension Watcher {
    func open(_ number: Int, _ speed: WatcherStateMachine.Speed) {
        let deadline = speed == .fast ? environment.deadlines.fast : environment.deadlines.slow
        let inlet = ConnectionInlet(generation: number, inFlight: inFlight, now: environment.now) {
            [mailbox = inbox()] in mailbox.post($0)
        }
        let attempt = environment.driver.attempt(host, deadline: deadline, inlet: inlet)
        current.attempts = machine.attempts
        isTrying = true
        if speed == .fast { attemptBegan = environment.scheduler.now }
        let call = BlockingCall<Result<any HypervisorConnection, EstablishFailure>>(
            deadline: deadline,
            body: { attempt.run() },
            abort: { attempt.abort() },
            finished: { result in self.hop { $0.opened(number, result) } },
            expired: { self.hop { $0.opened(number, .failure(.timedOut(after: deadline, attempt.hasReached))) } },
            late: { result in
                // It came after all, but somebody else's turn has begun.
                if case .success(let connection) = result { self.hop { $0.close(connection, isOurs: false) } }
            },
            unserved: { self.hop { $0.opened(number, .failure(.timedOut(after: $0.environment.deadlines.fast, nil))) } }
        )
        let admission = Admission(
            host: name,
            group: host.credentials.jumpHost.map { "jump \($0)" },
            isFresh: machine.attempts <= 1,
            // Among many that do not answer a turn in the slow lane takes minutes: by then a fast try may do.
            patience: speed == .slow ? environment.backoff.cap : nil
        )
        ticket = environment.pool.submit(call, lane: speed == .fast ? .openFast : .openSlow, admission: admission)
    }

    /// Ends the try under way; one that still waits for its turn has nothing to wait for.
    func abortOpen() {
        guard ticket?.end() == true else { return }
        ticket = nil
        isTrying = false
        perform(machine.openWithdrawn())
    }

    private func opened(_ number: Int, _ result: Result<any HypervisorConnection, EstablishFailure>) {
        ticket = nil
        isTrying = false
        switch result {
        case .success(let connection):
            guard machine.isOpening else { return close(connection, isOurs: false) }
            self.connection = connection
            resetCalls()
            resetListings()
            hostUUID = nil
            uri = connection.facts.uri
            current.facts = connection.facts
            perform(machine.established(try: number, using: &random))
            if machine.state == .watching(try: number) {
                startProbing()
                scheduleAudit()
                hearingResumed()
                if probing.strikes(of: .uptime) == 0 { askForUptime() }
                if probing.strikes(of: .identity) == 0 { askForUUID() }
                askings = 0
                changeKinds()
                askAgainLater()
                // Before what came early, so that the first events find a listing that is to come.
                reviewClasses()
                // What has hung keeps no other waiting, and no gap of what needs no listing.
                if probing.strikes(of: .uptime) > 0 {
                    tellGaps()
                    askForUptime()
                }
                if probing.strikes(of: .identity) > 0 { askForUUID() }
            }
        case .failure(let failure):
            evidence.failed(failure)
            environment.logger.debug(
                "Attempt failed",
                metadata: [
                    LogKeys.host: "\(host.name)", LogKeys.reason: "\(failure.reason.rawValue)",
                    LogKeys.error: "\(failure.message)",
                ]
            )
            perform(machine.openFailed(try: number, failure, using: &random))
        }
        reportEarly()
    }

    func scheduleRetry(after delay: Duration) {
        retry = environment.scheduler.schedule(after: delay, on: executor.queue) {
            self.assumeIsolated { $0.perform($0.machine.retryDue()) }
        }
    }

    func closeConnection() {
        guard let connection else { return }
        hearingEnded()
        self.connection = nil
        stopProbing()
        stopAuditing()
        resetCalls()
        resetListings()
        close(connection, isOurs: true)
    }

    /// - Parameter isOurs: Whether the machine waits for it.
    private func close(_ connection: any HypervisorConnection, isOurs: Bool) {
        let done: @Sendable () -> Void = {
            if isOurs { self.hop { $0.perform($0.machine.connectionClosed()) } }
        }
        environment.pool.submit(
            BlockingCall(
                deadline: environment.deadlines.fast,
                body: { connection.close() },
                abort: { connection.abort() },
                finished: done,
                expired: done
            ),
            lane: .close,
            admission: Admission(host: name)
        )
    }
}

extension EstablishFailure {
    fileprivate static func timedOut(after deadline: Duration, _ hasReached: Bool?) -> EstablishFailure {
        EstablishFailure(.timeout, "no answer within \(deadline)", hasReached: hasReached)
    }
}
