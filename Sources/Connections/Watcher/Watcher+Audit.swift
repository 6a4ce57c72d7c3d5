internal import Logging

/// Whether every class is still heard.
extension Watcher {
    /// A connection has come, or a round is over.
    func scheduleAudit() {
        guard environment.audit > .zero else { return }
        scheduleAudit(after: environment.audit + environment.audit / 5 * Double.random(in: -1...1, using: &random)) {
            $0.hasCompared = false
            $0.carryOut($0.auditing.began($0.auditable))
        }
    }

    /// It has gone.
    func stopAuditing() {
        nextAudit?.cancel()
        nextAudit = nil
        auditing = AuditPlan()
    }

    /// What is told of the host is not what it was told: an audit under way would take that for deafness.
    func restartAudit() {
        guard auditing.isUnderWay else { return }
        stopAuditing()
        scheduleAudit()
    }

    private func scheduleAudit(after delay: Duration, _ body: @escaping @Sendable (isolated Watcher) -> Void) {
        nextAudit = environment.scheduler.schedule(after: delay, on: executor.queue) {
            self.assumeIsolated { body($0) }
        }
    }

    /// Longer than it must be where nobody minds: a domain on its way into life or out of it may take a while.
    private var auditPause: Duration { max(AuditPlan.pause, environment.audit / 20) }

    /// Classes of which a complete listing of this connection stands, and none is on its way.
    private var auditable: [EventKind.Object] {
        // What was dropped is no deafness, and is about to be listed.
        guard nextResync == nil else { return [] }
        return Self.order.filter { plans[$0]?.isComplete == true && nextListings[$0] == nil }
    }

    private func carryOut(_ next: AuditPlan.Next) {
        switch next {
        case .list(let object):
            call(
                .listing(object),
                began: { watcher in
                    watcher.auditBegan = watcher.environment.now()
                    watcher.auditing.listingBegan()
                },
                { $0.list(object) },
                returned: { $0.audited(object, $1) }
            )
        case .pause: scheduleAudit(after: auditPause) { $0.carryOut($0.auditing.secondLook()) }
        case .done(let findings): conclude(findings)
        }
    }

    private func audited(_ object: EventKind.Object, _ result: Result<Listing, ListingFailure>) {
        guard auditing.isUnderWay else { return }
        let next = auditing.listed(object, result, beside: state)
        let isInDoubt =
            if case .done(let findings) = next { findings[object] != nil } else { auditing.isSuspect(object) }
        if case .success = result {
            hasCompared = true
            if let began = auditBegan, !isInDoubt { proved(object, at: began) }
        }
        carryOut(next)
    }

    private func conclude(_ findings: [EventKind.Object: AuditPlan.Finding]) {
        var findings = findings
        if nextResync == nil {
            // What cannot be listed cannot be compared: that, too, is how a part looks whose daemon was started anew.
            for object in Self.order where findings[object] == nil && plans[object]?.isRefused == true {
                if refusals.isDue(object) { findings[object] = .failed }
            }
        }
        if hasCompared { current.audited = environment.now() }
        publish()
        guard !findings.isEmpty else { return scheduleAudit() }
        for object in Self.order {
            guard let finding = findings[object] else { continue }
            note(finding, of: object)
            let from = lastProof(of: object) ?? environment.now()
            doubt(.audit(object), age: from.duration(to: environment.now()))
            switch finding {
            case .missed(let listing, _, let open):
                makeUp(object, deafTo: listing, except: open, at: environment.now())
            case .failed: gaps.open([object], from: from, cause: .audit)
            }
        }
        replaceConnection()
    }

    /// Has another connection take this one's place: in a modular daemon a part that was lost is connected to anew with it
    /// alone.
    private func replaceConnection() {
        let now = environment.now()
        outageBegan()
        current.phase = .connecting
        current.since = now
        tell(state.hear(false, at: lastProof() ?? now))
        isReplacing = true
        perform(machine.replacementRequested())
        isReplacing = false
    }

    /// A class that is listed, and whose gap has been told, is in doubt no more.
    func trustWhatIsHeard() {
        for object in Self.order where plans[object]?.isComplete == true && gaps.beginning(of: object) == nil {
            trust(.audit(object))
        }
    }

    private func note(_ finding: AuditPlan.Finding, of object: EventKind.Object) {
        let what =
            switch finding {
            case .missed(_, let differing, _): "\(differing.count) objects differ from what was told of them"
            case .failed: "it cannot be listed any more"
            }
        environment.logger.warning(
            "Class not heard",
            metadata: [LogKeys.host: "\(host.name)", LogKeys.object: "\(object.rawValue)", LogKeys.error: "\(what)"]
        )
    }
}
