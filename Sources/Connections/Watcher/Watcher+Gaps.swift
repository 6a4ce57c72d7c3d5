internal import Logging

/// When hearing ends and resumes, and the gap between.
extension Watcher {
    /// How many of the last gaps are remembered: there is hardly ever more than one on its way to the journal.
    private static let memory = 4

    /// Our own life begins; what was before it is a gap, unless the host is seen for the first time.
    func beginWithGap() {
        guard let from = lastProof() ?? state.newest.map({ min($0, environment.now()) }) else { return }
        noticedAfter = from.duration(to: environment.now())
        gaps.open(host.classes, from: from, cause: .`self`)
        // What was away when the former life ended was so for longer, and is so until it is heard.
        for object in host.classes where proofs.away.contains(object) || state.isSilent(object) {
            if let from = lastProof(of: object) { gaps.open([object], from: from) }
            gaps.isAway(object)
        }
    }

    /// Everything is registered.
    func hearingResumed() {
        // Before the moment is taken: what is dropped after it is a gap of its own.
        inFlight.expectDrops()
        let now = environment.now()
        proved(at: now)
        for object in connection?.facts.classes ?? [] { proved(object, at: now) }
        resumeGaps(at: now, after: noticedAfter + environment.scheduler.now - downBegan)
    }

    /// What is heard from here on ends the gaps that are open.
    ///
    /// - Parameter silence: For how long the host was not heard. The default is that it was.
    func resumeGaps(at moment: Timestamp, after silence: Duration = .zero) {
        guard let facts = connection?.facts else { return }
        for object in host.classes {
            if facts.mayReturn(object) {
                // Until it comes back, the gap goes on; of one that was never heard there is none.
                if isKnown(object) { gaps.isAway(object) } else { gaps.forget(object) }
                continue
            }
            if facts.classes.contains(object) {
                let isListed = facts.registered.contains(.lifecycle(of: object))
                let now = environment.scheduler.now
                gaps.resumed(object, isListed: isListed, at: moment, now: now, after: silence)
            } else {
                gaps.forget(object)
            }
        }
    }

    /// Classes are heard again of which nothing is listed; those that are listed see to it themselves.
    func resumeGaps(of classes: Set<EventKind.Object>) {
        // After drops all of them are heard again at one moment, and later.
        guard let facts = connection?.facts, nextResync == nil else { return }
        let now = environment.now()
        for object in classes where !facts.registered.contains(.lifecycle(of: object)) {
            gaps.resumed(object, isListed: false, at: now, now: environment.scheduler.now)
            proved(object, at: now)
        }
    }

    /// Whether anything was ever heard of a class.
    func isKnown(_ object: EventKind.Object) -> Bool {
        state.count(of: object) != nil || proofs.classes[object] != nil
    }

    /// The connection is let go of, whatever for.
    func hearingEnded() {
        // One that was lost before it was heard belongs to the outage it was to end.
        guard current.phase == .up || isReplacing else { return }
        gaps.settle(cause: evidence.cause)
        evidence = GapEvidence(isLocal: isLocal, isReplaced: isReplacing)
        if let facts = connection?.facts, let from = lastProof() {
            noticedAfter = from.duration(to: environment.now())
            gaps.open(facts.classes, from: from)
        }
        // What could not be listed was maybe not heard either, for as long.
        for (object, plan) in plans where plan.isRefused {
            if let from = lastProof(of: object) { gaps.open([object], from: from) }
        }
        openGapsOfSuspects()
        planGapLook()
    }

    /// Whether the connection leads to the machine we run on, as far as what it was made to says: where a command leads
    /// nobody knows, and libvirt's own choice of a URI may be any.
    private var isLocal: Bool {
        let uri = connection.flatMap { try? LibvirtURI($0.facts.uri) } ?? host.uri
        return uri.host == nil && uri.transport != .ext
    }

    /// An audit is not going to have its second look: what it suspects was maybe not heard since its last proof.
    func openGapsOfSuspects() {
        for object in Self.order where auditing.isSuspect(object) {
            if let from = lastProof(of: object) { gaps.open([object], from: from) }
        }
    }

    /// Nothing is listed of a class: because it cannot be heard for the moment, or because nobody wants to.
    func letGapBe(_ object: EventKind.Object, _ facts: ConnectionFacts) {
        if facts.mayReturn(object) {
            guard isKnown(object) else { return }
            if gaps.beginning(of: object) == nil, let from = lastProof(of: object) {
                gaps.open([object], from: from, cause: facts.causeOfSilence(object))
            }
            gaps.isAway(object)
        } else if facts.classes.contains(object) {
            gaps.hasNothing(object, now: environment.scheduler.now)
        } else {
            gaps.forget(object)
            // Should it be wanted again, nothing was missed since.
            proofs.classes[object] = nil
        }
    }

    /// Tells the gaps that nothing more is to be made up for, or not soon, and waits no longer for what cannot be compared.
    func tellGaps() {
        let now = environment.now()
        for gap in gaps.due(cause: evidence.cause, now: environment.scheduler.now) {
            current.gaps += 1
            current.lastGap = gap
            toldGaps = (toldGaps + [(gap, now)]).suffix(Self.memory)
            environment.logger.info(
                "Host gap",
                metadata: [
                    LogKeys.host: "\(host.name)", LogKeys.cause: "\(gap.cause.rawValue)",
                    LogKeys.took: "\(gap.from.duration(to: gap.to).brief)",
                    LogKeys.events: "\(gap.synthesised)",
                ]
            )
            send([report(.gap(gap), observed: now)])
        }
        // Kept for the next life like a class that is not heard: its gap is still to be told.
        for object in gaps.overdue(now: environment.scheduler.now) { tell(state.silence(object, at: now)) }
        trustWhatIsHeard()
        planGapLook()
        settleLoss()
        publish()
    }

    /// Looks again when patience with what is slow ends.
    func planGapLook() {
        gapLook?.cancel()
        gapLook = gaps.wait(now: environment.scheduler.now).map { wait in
            environment.scheduler.schedule(after: wait, on: executor.queue) {
                self.assumeIsolated { $0.tellGaps() }
            }
        }
    }
}

extension Host {
    /// The classes of which anything is wanted.
    var classes: Set<EventKind.Object> { Set(kinds.map(\.object)) }
}

extension ConnectionFacts {
    /// The classes of which anything is heard.
    var classes: Set<EventKind.Object> { Set(registered.map(\.object)) }

    /// Whether a class is refused for the moment alone: its lifecycle, or all that is wanted of it.
    func mayReturn(_ object: EventKind.Object) -> Bool {
        let isDeaf = !classes.contains(object)
        return refused.contains { refused in
            refused.isPassing && refused.kind.object == object && (isDeaf || refused.kind == .lifecycle(of: object))
        }
    }

    /// Why a class is refused for the moment, whatever it was that the host itself was away for.
    fileprivate func causeOfSilence(_ object: EventKind.Object) -> GapCause {
        refused.contains { $0.isPassing && $0.kind.object == object && $0.reason == .refused } ? .daemon : .unknown
    }
}
