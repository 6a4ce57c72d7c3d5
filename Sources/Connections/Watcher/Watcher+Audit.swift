internal import Logging

/// Whether every class is still heard.
extension Watcher {
    /// A connection has come, or a round is over.
    func scheduleAudit() {
        guard environment.audit > .zero else { return }
        scheduleAudit(after: environment.audit + environment.audit / 5 * Double.random(in: -1...1, using: &random)) {
            $0.carryOut($0.auditing.began($0.auditable))
        }
    }

    /// It has gone.
    func stopAuditing() {
        nextAudit?.cancel()
        nextAudit = nil
        auditing = AuditPlan()
    }

    private func scheduleAudit(after delay: Duration, _ body: @escaping @Sendable (isolated Watcher) -> Void) {
        nextAudit = environment.scheduler.schedule(after: delay, on: executor.queue) {
            self.assumeIsolated { body($0) }
        }
    }

    /// Classes of which a complete listing of this connection stands, and none is on its way.
    private var auditable: [EventKind.Object] {
        Self.order.filter { plans[$0]?.isComplete == true && nextListings[$0] == nil }
    }

    private func carryOut(_ next: AuditPlan.Next) {
        switch next {
        case .list(let object):
            call(
                .listing(object),
                began: { $0.auditing.listingBegan() },
                { $0.list(object) },
                returned: { $0.audited(object, $1) }
            )
        case .pause: scheduleAudit(after: AuditPlan.pause) { $0.carryOut($0.auditing.secondLook()) }
        case .done(let findings): conclude(findings)
        }
    }

    private func audited(_ object: EventKind.Object, _ result: Result<Listing, ListingFailure>) {
        guard auditing.isUnderWay else { return }
        let next = auditing.listed(object, result, beside: state)
        carryOut(next)
    }

    private func conclude(_ findings: [EventKind.Object: AuditPlan.Finding]) {
        current.audited = environment.now()
        publish()
        guard !findings.isEmpty else { return scheduleAudit() }
    }
}
