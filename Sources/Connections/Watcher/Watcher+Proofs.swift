/// What proves that a host is heard, and until when.
extension Watcher {
    /// The last proofs, as they are to be kept: what has not been told yet is the next life's to tell.
    var heard: LastHeard {
        var heard = proofs
        heard.connection = lastProof()
        if let from = gaps.earliest { heard.connection = min(from, heard.connection ?? from) }
        for (object, moment) in heard.classes {
            if let from = gaps.beginning(of: object) { heard.classes[object] = min(from, moment) }
        }
        heard.away = Set(gaps.away.keys)
        for (object, from) in gaps.away where heard.classes[object] == nil { heard.classes[object] = from }
        return heard
    }

    /// The host has answered: what it had to tell when it was asked has come before that.
    ///
    /// - Parameters:
    ///   - object: Of which class the answer was. The default is none, for an answer to a question of another kind.
    ///   - moment: When it was asked.
    func proved(_ object: EventKind.Object? = nil, at moment: Timestamp) {
        let now = environment.now()
        answered = Self.later(moment, answered, now)
        answerTook = moment.duration(to: now)
        hear(object, at: moment, now)
    }

    /// An event has come, and nobody knows how long it was under way behind others, in the daemon or on the line.
    ///
    /// No longer than an answer may take, or took last. While one is overdue no event proves anything.
    func proved(by event: HostEvent) {
        guard doubts[.probe] == nil else { return }
        let delay = max(environment.probeDeadline, answerTook)
        hear(event.kind.object, at: event.observed + (.zero - delay), environment.now())
    }

    private func hear(_ object: EventKind.Object?, at moment: Timestamp, _ now: Timestamp) {
        foretold.expire(at: environment.scheduler.now)
        proofs.connection = Self.later(moment, proofs.connection, now)
        guard let object else { return }
        proofs.classes[object] = Self.later(moment, proofs.classes[object], now)
    }

    /// The later of two proofs, of which neither can be later than now: the clock may have been set back.
    private static func later(_ moment: Timestamp, _ former: Timestamp?, _ now: Timestamp) -> Timestamp {
        guard let former, former <= now else { return min(moment, now) }
        return min(max(moment, former), now)
    }

    /// When a class, or the host as a whole, was last proven to be heard, and no later than now.
    func lastProof(of object: EventKind.Object? = nil) -> Timestamp? {
        guard let proof = object.flatMap({ proofs.classes[$0] }) ?? proofs.connection else { return nil }
        let now = environment.now()
        // What the events said before there was doubt was said of a host that answers.
        let isDoubted = doubts[.probe] != nil
        return min(proof, isDoubted ? answered ?? now : now, now)
    }
}
