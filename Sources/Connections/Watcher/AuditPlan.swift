/// Whether every class is still heard: its listing beside what its events have made of it.
///
/// A listing and the events about it cross on their way, so a difference counts only when it stands in a second listing
/// some seconds later, the same, without an event of that object since the first began. Then the class was deaf. A class
/// that was listed before and fails twice is deaf, too: with modular daemons that is how a part looks whose daemon was
/// started anew. A value without a clock; one round goes through all classes, one listing at a time.
struct AuditPlan: Sendable {
    /// Between the end of the first look and the second, at least.
    static let pause = Duration.seconds(3)

    enum Next: Hashable, Sendable {
        case list(EventKind.Object)
        /// ``secondLook()`` is to follow after a ``pause`` or longer.
        case pause
        /// The round is over; nothing was found when there are no classes.
        case done([EventKind.Object: Finding])
    }

    /// What is wrong with a class.
    enum Finding: Hashable, Sendable {
        /// The listing that proves it, the objects that differ from it, and those of which it says nothing.
        case missed([ListedObject], differing: Set<ObjectKey>, open: Set<ObjectKey>)
        case failed

        /// An event came about an object.
        ///
        /// - Returns: Whether anything is left of it.
        fileprivate mutating func touched(_ key: ObjectKey) -> Bool {
            guard case .missed(let listing, var differing, var open) = self else { return true }
            // What is held twice is copied when it is changed, all of it.
            self = .failed
            differing.remove(key)
            open.insert(key)
            self = .missed(listing, differing: differing, open: open)
            return !differing.isEmpty
        }
    }

    /// What is suspected of a class.
    private enum Suspicion: Sendable {
        /// Objects, and how the listing has them; `nil` = not at all.
        case differs([ObjectKey: ObjectState?])
        case failed

        /// An event came about an object, which may be once for each of 10,000.
        mutating func touched(_ key: ObjectKey) {
            guard case .differs(var differing) = self else { return }
            // What is held twice is copied when it is changed, all of it.
            self = .failed
            differing.removeValue(forKey: key)
            self = .differs(differing)
        }
    }

    private enum Phase: Sendable {
        case idle, first, paused, second
    }

    private var phase = Phase.idle

    /// Classes to be listed; the first is under way.
    private var classes: [EventKind.Object] = []

    /// Objects of the class under way that events touched since its listing began.
    private var touched: Set<ObjectKey> = []
    private var suspicions: [EventKind.Object: Suspicion] = [:]
    private var findings: [EventKind.Object: Finding] = [:]

    var isUnderWay: Bool { phase != .idle }

    /// A round begins.
    ///
    /// - Parameter classes: Those of which a complete listing of this connection stands.
    mutating func began(_ classes: [EventKind.Object]) -> Next {
        self = AuditPlan()
        phase = .first
        self.classes = classes
        return proceed()
    }

    /// The listing of the class under way has begun.
    mutating func listingBegan() {
        touched = []
    }

    /// An event came about an object.
    mutating func touched(_ object: EventKind.Object, _ key: ObjectKey) {
        guard isUnderWay else { return }
        if classes.first == object, touched.count <= HostState.limit { touched.insert(key) }
        suspicions[object]?.touched(key)
        if findings[object]?.touched(key) == false { findings[object] = nil }
    }

    /// The class under way is listed, or has failed to be.
    ///
    /// - Parameter state: What is told of the host now.
    mutating func listed(
        _ object: EventKind.Object,
        _ result: Result<Listing, ListingFailure>,
        beside state: HostState
    ) -> Next {
        guard classes.first == object else { return .done([:]) }
        classes.removeFirst()
        // Who floods us while we look is heard.
        let isOverrun = touched.count > HostState.limit
        switch (phase, result) {
        case _ where isOverrun: suspicions[object] = nil
        case (.first, .success(let listing)):
            let differing = state.differences(from: listing, of: object, without: touched)
            if !differing.isEmpty { suspicions[object] = .differs(differing) }
        case (.second, .success(let listing)):
            guard case .differs(let before) = suspicions[object] else { break }
            let now = state.differences(from: listing, of: object, without: touched)
            let confirmed = Set(now.filter { key, state in before[key] == .some(state) }.keys)
            let open = touched.union(listing.unsettled).union(now.keys).subtracting(confirmed)
            if !confirmed.isEmpty {
                findings[object] = .missed(listing.objects, differing: confirmed, open: open)
            }
        case (.first, .failure(let failure)):
            if !failure.isUnsupported { suspicions[object] = .failed }
        case (.second, .failure):
            if case .failed = suspicions[object] { findings[object] = .failed }
        default: break
        }
        return proceed()
    }

    mutating func secondLook() -> Next {
        guard phase == .paused else { return .done([:]) }
        phase = .second
        return proceed()
    }

    private mutating func proceed() -> Next {
        if let object = classes.first { return .list(object) }
        if phase == .first {
            classes = EventKind.Object.allCases.filter(isSuspect)
            if !classes.isEmpty {
                phase = .paused
                return .pause
            }
        }
        let found = findings
        self = AuditPlan()
        return .done(found)
    }

    /// Whether there is a difference that a class has not been cleared of.
    func isSuspect(_ object: EventKind.Object) -> Bool {
        switch suspicions[object] {
        case .differs(let differing): !differing.isEmpty
        case .failed: true
        case nil: false
        }
    }
}

extension HostState {
    /// Objects that a listing has otherwise than they are told to be, and how it has them; `nil` = not at all.
    ///
    /// - Parameter touched: Objects that the listing may be older or newer than.
    func differences(
        from listing: Listing,
        of object: EventKind.Object,
        without touched: Set<ObjectKey>
    ) -> [ObjectKey: ObjectState?] {
        let open = touched.union(listing.unsettled)
        var differing: [ObjectKey: ObjectState?] = [:]
        for difference in differences(of: object, from: listing.objects, touched: open) {
            var told = difference.old
            // No event need have said that.
            if let new = difference.new, isPersistenceOpen(of: difference.key, in: object) {
                told?.persistent = new.state.persistent
            }
            guard told != difference.new?.state else { continue }
            differing.updateValue(difference.new?.state, forKey: difference.key)
        }
        return differing
    }

    private func isPersistenceOpen(of key: ObjectKey, in object: EventKind.Object) -> Bool {
        classes[object]?.objects[key]?.isPersistenceKnown == false
    }
}
