internal import Logging

/// How the host's objects are: one complete listing per class after each establishing, and the events since.
extension Watcher {
    /// Pools last: one whose server is away can keep their listing waiting for minutes.
    static let order: [EventKind.Object] = [.domain, .network, .nodedev, .secret, .pool]

    /// Lists the classes whose lifecycle is heard since it last was asked, and lets go of those that are not any more.
    func reviewClasses() {
        guard let connection, case .watching = machine.state else { return }
        let facts = connection.facts
        // What has hung keeps no other waiting.
        let hung = Self.order.filter { probing.strikes(of: .listing($0)) > 0 }
        for object in Self.order.filter({ !hung.contains($0) }) + hung {
            let lifecycle = EventKind.lifecycle(of: object)
            if facts.registered.contains(lifecycle) {
                guard plans[object] == nil else { continue }
                plans[object] = ListingPlan()
                // Of a class that could not be heard at first; what is dropped from here on is a gap of its own.
                inFlight.expectDrops()
                gaps.resumed(object, isListed: true, at: environment.now(), now: environment.scheduler.now)
                list(object)
            } else {
                dropPlan(of: object)
                let now = environment.now()
                let mayReturn = facts.mayReturn(object)
                tell(mayReturn ? state.silence(object, at: now) : state.forget(object, at: now))
                letGapBe(object, facts)
                if !mayReturn || !isKnown(object) { untold.forget(object) }
                guard !mayReturn else { continue }
                trust(.audit(object))
                current.classes[object] = nil
            }
        }
        planGapLook()
        publish()
    }

    private func list(_ object: EventKind.Object) {
        guard queuedListings.insert(object).inserted else { return }
        call(
            .listing(object),
            began: {
                $0.queuedListings.remove(object)
                $0.plans[object]?.began(at: $0.environment.now())
            },
            { $0.list(object) },
            returned: { $0.listed(object, $1) }
        )
    }

    private func listed(_ object: EventKind.Object, _ result: Result<Listing, ListingFailure>) {
        // Not of interest any more, or only again: then another listing waits its turn.
        guard var plan = plans[object], let underWay = plan.underWay else { return }
        let delay: Duration?
        switch plan.isOverrun ? .failure(ListingFailure("too many events while it was made")) : result {
        case .success(let listing):
            let moving = underWay.touched.union(listing.unsettled)
            forgetStranger(object, listing.objects, except: moving)
            let objects = state.resolved(listing.objects, of: object)
            let synthesised = makeUp(object, from: objects, except: moving, at: underWay.began)
            tell(state.replace(object, with: objects, touched: moving, at: underWay.began))
            delay = plan.completed(moving: moving)
            refusals.clear(object)
            proved(object, at: underWay.began)
            let now = environment.scheduler.now
            gaps.listed(object, synthesised: synthesised, isSettled: delay == nil, now: now)
            current.classes[object] = ClassStatus(objects: state.count(of: object) ?? 0, listed: underWay.began)
            note("Listed", object, [LogKeys.objects: "\(listing.objects.count)"])
        case .failure(let failure):
            let wasFailing = plan.isFailing
            delay = plan.failed(failure, using: &random)
            if failure.isUnsupported {
                tell(state.forget(object, at: environment.now()))
                current.classes[object] = nil
                gaps.hasNothing(object, now: environment.scheduler.now)
                untold.forget(object)
                trust(.audit(object))
                refusals.clear(object)
                note("Class not supported", object, [LogKeys.error: "\(failure.message)"])
            } else {
                current.classes[object, default: ClassStatus()].failure = failure.message
                note(
                    "Listing failed",
                    object,
                    [LogKeys.error: "\(failure.message)", LogKeys.retry: "\(delay?.brief ?? "never")"],
                    level: wasFailing ? .debug : .warning
                )
            }
        }
        plans[object] = plan
        tellGaps()
        guard let delay else { return }
        nextListings[object] = environment.scheduler.schedule(after: delay, on: executor.queue) {
            self.assumeIsolated { watcher in
                watcher.nextListings[object] = nil
                watcher.list(object)
            }
        }
    }

    private func note(
        _ message: Logger.Message,
        _ object: EventKind.Object,
        _ metadata: Logger.Metadata,
        level: Logger.Level = .debug
    ) {
        let about: Logger.Metadata = [LogKeys.host: "\(host.name)", LogKeys.object: "\(object.rawValue)"]
        environment.logger.log(level: level, message, metadata: about.merging(metadata) { $1 })
    }

    /// What is being listed says nothing of the event's object.
    func touched(_ event: HostEvent) {
        let (object, key) = (event.kind.object, event.subject.objectKey)
        plans[object]?.touched(key)
        stranger.heard(object, key)
        auditing.touched(object, key)
    }

    /// What an event changes.
    func reduce(_ event: HostEvent) -> [StateChange] {
        guard case .lifecycle = event.payload else { return [] }
        let object = event.kind.object
        // Of a class that cannot be listed nothing is ever known.
        guard plans[object]?.isUnsupported != true else { return [] }
        touched(event)
        let changes = state.apply(event)
        if !changes.isEmpty { current.classes[object]?.objects = state.count(of: object) ?? 0 }
        return changes
    }

    /// Hands over changes that belong to no record.
    func tell(_ changes: [StateChange]) {
        guard !changes.isEmpty else { return }
        let report = HostReport(
            host: host.name,
            sequence: 0,
            observed: environment.now(),
            uri: uri,
            hostUUID: hostUUID,
            body: .state,
            changes: changes
        )
        send([report])
    }

    /// A connection comes or goes.
    func resetListings() {
        for object in Self.order { dropPlan(of: object) }
    }

    private func dropPlan(of object: EventKind.Object) {
        plans[object] = nil
        nextListings.removeValue(forKey: object)?.cancel()
    }
}
