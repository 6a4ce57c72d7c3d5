internal import Logging

/// Whether calls return: doubt, trust, and giving up.
extension Watcher {
    /// A connection has come.
    func startProbing() {
        guard environment.probe > .zero else { return }
        // Spread, since a fleet's connections may come together.
        let delay = environment.probe + environment.probe / 10 * Double.random(in: -1...1, using: &random)
        nextProbe = environment.scheduler.schedule(after: delay, on: executor.queue) {
            self.assumeIsolated { watcher in
                let waited = watcher.waitsSince.map { watcher.environment.scheduler.now - $0 }
                watcher.perform(watcher.probing.due(isCalling: watcher.isCalling, waited: waited ?? .zero))
                watcher.startProbing()
            }
        }
    }

    /// It has gone.
    func stopProbing() {
        nextProbe?.cancel()
        nextProbe = nil
        perform(probing.connectionEnded())
    }

    func perform(_ actions: [ProbePlan.Action]) {
        for action in actions {
            switch action {
            case .ask: call(.probe, { $0.probe() }, returned: { _, _ in })
            case .doubt: doubt(.probe, age: probing.deadline)
            case .trust: trust(.probe)
            case .schedulePatience(let patience):
                patienceEnd = environment.scheduler.schedule(after: patience, on: executor.queue) {
                    self.assumeIsolated { $0.perform($0.probing.patienceIsOver()) }
                }
            case .cancelPatience:
                patienceEnd?.cancel()
                patienceEnd = nil
            case .giveUp(let call, let waited):
                callHung(call)
                giveUp(EstablishFailure(.probe, "no answer for \(waited.brief) to \(call)"))
            }
        }
    }

    private func giveUp(_ failure: EstablishFailure) {
        guard case .watching(let number) = machine.state else { return }
        lost(number, failure)
    }

    /// The host may not be heard although it is connected.
    ///
    /// - Parameter age: How long that may have been so.
    func doubt(_ doubt: HostDegradation.Doubt, age: Duration) {
        guard doubts[doubt] == nil else { return }
        doubts[doubt] = environment.scheduler.now
        current.degraded[doubt] = environment.now()
        environment.logger.warning("Host degraded", metadata: about(doubt, age: age))
        say(announcer.degraded(HostDegradation(doubt, age: age)))
        publish()
    }

    /// It is heard.
    func trust(_ doubt: HostDegradation.Doubt) {
        guard let since = doubts.removeValue(forKey: doubt) else { return }
        let age = environment.scheduler.now - since
        current.degraded[doubt] = nil
        environment.logger.info("Host recovered", metadata: about(doubt, age: age))
        say(announcer.recovered(doubt, age: age))
        publish()
    }

    /// The watcher ends: who comes after it has doubts of its own, and would not say that these are over.
    func endDoubts() {
        for doubt in [.probe] + Self.order.map(HostDegradation.Doubt.audit) {
            guard let since = doubts.removeValue(forKey: doubt) else { continue }
            current.degraded[doubt] = nil
            say(announcer.recovered(doubt, age: environment.scheduler.now - since))
        }
    }

    private func about(_ doubt: HostDegradation.Doubt, age: Duration) -> Logger.Metadata {
        [LogKeys.host: "\(host.name)", LogKeys.doubt: "\(doubt)", LogKeys.age: "\(age.brief)"]
    }
}
