/// What makes up for what was not heard, or not kept.
extension Watcher {
    /// How long nothing may have been dropped before it is worth listing, and after how long it is done all the same.
    private static let calm = Duration.seconds(1)
    private static let longestWait = Duration.seconds(10)

    /// Has the host listed anew, because the journal had no room for reports of it.
    ///
    /// What was lost is told again as it is then, by events that lead there from whatever state; a gap follows. Those of a
    /// host that is down wait until it is up; what was said of the host itself is said again at once.
    package func resync(lost: Lost) {
        untold.add(lost)
        lostSince = min(lost.from, lostSince ?? lost.from)
        retell(since: lost.from)
        // A gap may have been among it.
        let gapsSince = toldGaps.filter { lost.from <= $0.at }.map(\.gap.from)
        miss(everythingSince: ([lost.from] + gapsSince).min() ?? lost.from)
    }

    /// Has objects listed and told anew whose events nobody wanted until now.
    package func resync(keptBack lost: Lost) {
        let classes = lost.isEverything ? host.classes : Set(lost.objects.map(\.object))
        untold.add(lost)
        lostSince = min(lost.from, lostSince ?? lost.from)
        miss(classes.intersection(host.classes), since: lost.from, cause: .`self`)
    }

    /// What the journal has lost and has not been told anew, with the gap that it is; `nil` = nothing.
    package var lost: Lost? { lostSince.map { untold.lost(from: $0) } }

    /// The gap that a loss is has been told, perhaps.
    func settleLoss() {
        guard let since = lostSince, untold.isEmpty, nextResync == nil, gaps.earliest.map({ since < $0 }) ?? true
        else { return }
        lostSince = nil
    }

    /// Events find no place in flight.
    func dropsBegan() {
        guard let from = lastProof() else { return inFlight.expectDrops() }
        miss(everythingSince: from)
    }

    private func miss(everythingSince moment: Timestamp) {
        miss(host.classes, since: moment, cause: .dropped)
    }

    private func miss(_ classes: Set<EventKind.Object>, since moment: Timestamp, cause: GapCause) {
        gaps.open(classes, from: moment, cause: cause)
        openGapsOfSuspects()
        restartAudit()
        if nextResync == nil {
            drops = (inFlight.counts.dropped, environment.scheduler.now)
            planResync()
        }
        publish()
    }

    private func planResync() {
        nextResync = environment.scheduler.schedule(after: Self.calm, on: executor.queue) {
            self.assumeIsolated { watcher in
                watcher.nextResync = nil
                watcher.resyncWhenCalm()
            }
        }
    }

    private func resyncWhenCalm() {
        // Before it is looked at: what is dropped from here on is told.
        inFlight.expectDrops()
        let count = inFlight.counts.dropped
        guard count == drops.count || environment.scheduler.now - drops.since >= Self.longestWait else {
            drops.count = count
            return planResync()
        }
        // A connection that is to come lists everything by itself.
        guard connection != nil, case .watching = machine.state else { return }
        resetListings()
        resumeGaps(at: environment.now())
        reviewClasses()
        tellGaps()
    }

    // MARK: - Events that nobody told

    /// Makes up what leads from what was told of a class to what a complete listing says, and tells it.
    ///
    /// - Parameter moving: Objects that the listing does not settle.
    /// - Returns: How many events there were.
    func makeUp(
        _ object: EventKind.Object,
        from listing: [ListedObject],
        except moving: Set<ObjectKey>,
        at moment: Timestamp
    ) -> Int {
        var made: [HostState.Made] = []
        if untold.concerns(object) {
            let listed = Dictionary(listing.map { ($0.key, $0) }) { $1 }
            let everything = listed.values.reduce(into: state.mentioned(of: object)) { all, listed in
                all.insert(Lost.Object(object, listed.key))
            }
            let lost = untold.take(object, everything: everything, except: moving)
            // What is gone first: its name may have changed hands.
            for item in lost.filter({ listed[$0.key] == nil }) + lost.filter({ listed[$0.key] != nil }) {
                made += state.makeUp(anyOf: item, listed: listed[item.key], at: moment)
            }
            tell(state.retold(object, at: moment))
        }
        for difference in state.differences(of: object, from: listing, touched: moving) {
            made += state.makeUp(difference, of: object, at: moment)
        }
        foretold.add(made.map(\.event), at: environment.scheduler.now)
        send(reports(of: made, gaps.synthesis(of: object) ?? unmarked(object)))
        return made.count
    }

    /// Makes up for a class of which the daemon kept silent on a connection that lived; its gap ends with the next one.
    ///
    /// - Parameter moving: Objects that the listing does not settle.
    func makeUp(
        _ object: EventKind.Object,
        deafTo listing: [ListedObject],
        except moving: Set<ObjectKey>,
        at moment: Timestamp
    ) {
        let from = lastProof(of: object) ?? moment
        gaps.open([object], from: from, cause: .audit)
        let objects = state.resolved(listing, of: object)
        let made = state.differences(of: object, from: objects, touched: moving).flatMap {
            state.makeUp($0, of: object, at: moment)
        }
        gaps.made(made.count, of: object)
        foretold.add(made.map(\.event), at: environment.scheduler.now)
        send(reports(of: made, Synthesis(.audit, from: from, to: moment)))
        tell(state.replace(object, with: objects, touched: moving, at: moment))
    }

    /// What must have come before an event that is its object's first since the class is heard again.
    func prerequisites(of event: HostEvent) -> [HostReport] {
        let object = event.kind.object
        guard case .lifecycle = event.payload, plans[object]?.isUnsupported == false,
            plans[object]?.isFirst(event.subject.objectKey) == true
        else { return [] }
        let made = state.makeUp(before: event)
        gaps.made(made.count, of: object)
        return reports(of: made, gaps.synthesis(of: object) ?? unmarked(object))
    }

    /// Whether libvirt tells what was made up a moment ago; then it has been told, and the state has it.
    func isForetold(_ event: HostEvent) -> Bool {
        guard case .lifecycle = event.payload,
            foretold.covers(event, at: environment.scheduler.now)
        else { return false }
        touched(event)
        inFlight.account(suppressed: 1)
        inFlight.leave(event.places)
        return true
    }

    private func reports(of made: [HostState.Made], _ synthesis: Synthesis) -> [HostReport] {
        made.map { made in
            report(.event(made.event), observed: made.event.observed, changes: made.changes, synthetic: synthesis)
        }
    }

    /// What marks an event of a class that had no gap.
    private func unmarked(_ object: EventKind.Object) -> Synthesis {
        let now = environment.now()
        return Synthesis(from: min(proofs.classes[object] ?? now, now), to: now)
    }
}
