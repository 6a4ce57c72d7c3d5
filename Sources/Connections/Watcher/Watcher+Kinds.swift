internal import Logging

/// Which kinds the connection gives, while it stands.
extension Watcher {
    /// Until kinds that were refused for the moment are asked for again; twice as long each time, for a right that is
    /// withheld on purpose looks like one that is missing, and each asking is a line in the daemon's log.
    private static let secondAsking = Duration.seconds(60)
    private static let longestWait = Duration.seconds(3_600)

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
        call(.kinds, { $0.change(kinds: kinds) }) { watcher, _ in
            watcher.isChangingKinds = false
            watcher.tookKinds(connection.facts)
            watcher.changeKinds()
        }
    }

    private func tookKinds(_ facts: ConnectionFacts) {
        let before = current.facts?.registered ?? []
        let new = facts.registered.filter { !before.contains($0) }
        current.facts = facts
        publish()
        askAgainLater()
        resumeGaps(of: facts.classes.subtracting(before.map(\.object)))
        reviewClasses()
        tellGaps()
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
        let delay =
            min(Self.secondAsking * (1 << min(askings, 6)), Self.longestWait)
            * Double.random(in: 0.8...1.2, using: &random)
        nextAsking = environment.scheduler.schedule(after: delay, on: executor.queue) {
            self.assumeIsolated { watcher in
                watcher.askings += 1
                watcher.changeKinds(askingAgain: true)
            }
        }
    }
}

extension ConnectionFacts {
    /// Whether a kind is refused that may be granted to who asks again.
    fileprivate var isPassingOver: Bool { refused.contains(where: \.isPassing) }
}
