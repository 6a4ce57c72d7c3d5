/// What was said of the host itself, to be said again when the journal has lost it.
extension Watcher {
    /// What a word is about; of each only the last one counts.
    enum Topic: Hashable {
        case host, pause
        case doubt(HostDegradation.Doubt)
        case certificate(CertificateNotice.Owner)
    }

    func remember(_ body: HostReport.Body, at moment: Timestamp) {
        if let topic = body.topic { toldWords[topic] = (body, moment) }
    }

    /// Says what still holds of what was said since then, and what is over.
    func retell(since moment: Timestamp) {
        let lost = toldWords.filter { moment <= $0.value.at }
        if let (pause, _) = lost[.pause] { resend(pause) }
        var doubts: Set<HostDegradation.Doubt> = []
        for (topic, (body, _)) in lost {
            switch (topic, body) {
            case (.doubt, .recovered), (.certificate, _): resend(body)
            case (.doubt(let doubt), _): doubts.insert(doubt)
            default: break
            }
        }
        for word in announcer.retell(isHostLost: lost[.host] != nil, doubts) { say(word) }
    }

    private func resend(_ body: HostReport.Body) {
        send([report(body, observed: environment.now())])
    }
}

extension HostReport.Body {
    fileprivate var topic: Watcher.Topic? {
        switch self {
        case .up, .down, .flapping: .host
        case .paused, .resumed: .pause
        case .degraded(let degradation), .recovered(let degradation): .doubt(degradation.doubt)
        case .certificate(let notice): .certificate(notice.owner)
        case .event, .gap, .state: nil
        }
    }
}
