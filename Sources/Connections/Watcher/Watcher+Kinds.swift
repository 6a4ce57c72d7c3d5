internal import Logging

/// Which kinds the connection gives, while it stands.
extension Watcher {
    /// Until kinds that were refused for the moment are asked for again.
    private static let secondAsking = Duration.seconds(60)

    /// Has the connection register what is wanted now and was not before, and take back the rest.
    ///
    /// One change at a time: what is wanted meanwhile comes after it.
    ///
    /// - Parameter askingAgain: Whether kinds that were refused for the moment are reason enough. The default is that they
    ///   are not.
    func changeKinds(askingAgain: Bool = false) {
        guard let connection, !isChangingKinds,
            connection.kinds != host.kinds || (askingAgain && connection.facts.isPassingOver)
        else { return }
        let kinds = host.kinds
        isChangingKinds = true
        let done: @Sendable () -> Void = {
            self.hop { watcher in
                watcher.isChangingKinds = false
                guard watcher.connection === connection else { return watcher.changeKinds() }
                watcher.tookKinds(connection.facts)
                watcher.changeKinds()
            }
        }
        environment.pool.submit(
            BlockingCall(
                deadline: environment.deadlines.slow,
                body: { connection.change(kinds: kinds) },
                finished: done,
                late: done
            ),
            lane: .call,
            admission: Admission(host: name)
        )
    }

    private func tookKinds(_ facts: ConnectionFacts) {
        let before = current.facts?.registered ?? []
        let new = facts.registered.filter { !before.contains($0) }
        current.facts = facts
        publish()
        askAgainLater()
        guard !new.isEmpty else { return }
        environment.logger.info(
            "Kinds registered",
            metadata: [
                LogKeys.host: "\(host.name)", LogKeys.kinds: "\(new.map(\.path).joined(separator: " "))",
                LogKeys.refused: "\(facts.refused.map(\.kind.path).joined(separator: " "))",
            ]
        )
    }

    /// A part of a modular daemon comes back, a right is granted: nothing tells, so we ask.
    func askAgainLater() {
        nextAsking?.cancel()
        nextAsking = nil
        guard current.facts?.isPassingOver == true else { return }
        let delay = Self.secondAsking * Double.random(in: 0.8...1.2, using: &random)
        nextAsking = environment.scheduler.schedule(after: delay, on: executor.queue) {
            self.assumeIsolated { $0.changeKinds(askingAgain: true) }
        }
    }
}

extension ConnectionFacts {
    /// Whether a kind is refused that may be granted to who asks again.
    fileprivate var isPassingOver: Bool { refused.contains(where: \.isPassing) }
}
