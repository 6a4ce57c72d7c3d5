/// What was not heard, made up from what a listing says.
extension HostState {
    /// An event that was made up, and what it changes.
    struct Made: Sendable {
        let event: HostEvent
        let changes: [StateChange]
    }

    /// An object that is not as it was told to be.
    struct Difference: Hashable, Sendable {
        let key: ObjectKey

        /// What was told; `nil` = not there.
        let old: ObjectState?

        /// What the listing says; `nil` = not there.
        let new: ListedObject?
    }

    /// Where a complete listing of a class differs from what was told of it, in the order of the listing; what is gone
    /// comes first, for its name may have changed hands.
    ///
    /// - Parameter touched: Objects that the listing does not settle.
    /// - Returns: Of a class that was never listed nothing but the objects of which events have told, and of those nothing
    ///   that the events leave open: the rest is a baseline.
    func differences(
        of object: EventKind.Object,
        from listing: [ListedObject],
        touched: Set<ObjectKey> = []
    ) -> [Difference] {
        guard let former = classes[object] else { return [] }
        let listing = resolved(listing, of: object)
        let listed = Set(listing.lazy.map(\.key))
        let gone = former.objects.filter { !listed.contains($0.key) && !touched.contains($0.key) }
            .map { Difference(key: $0.key, old: $0.value.state, new: nil) }
            .sorted { $0.key.description < $1.key.description }
        let others = listing.compactMap { listed -> Difference? in
            let entry = former.objects[listed.key]
            if !former.isKnown {
                guard var old = entry?.state, !touched.contains(listed.key) else { return nil }
                if entry?.isPersistenceKnown == false { old.persistent = listed.state.persistent }
                return old == listed.state ? nil : Difference(key: listed.key, old: old, new: listed)
            }
            var new = listed
            if touched.contains(listed.key) {
                // What its events leave open, ``replace(_:with:touched:at:)`` takes from the listing.
                guard let entry, !entry.isPersistenceKnown else { return nil }
                var state = entry.state
                state.persistent = listed.state.persistent
                new = ListedObject(key: listed.key, state: state, id: listed.id)
            }
            guard entry?.state != new.state else { return nil }
            return Difference(key: listed.key, old: entry?.state, new: new)
        }
        return gone + others
    }

    /// Every object of a class of which anything is known, with its name.
    func mentioned(of object: EventKind.Object) -> Set<Lost.Object> {
        Set((classes[object]?.objects ?? [:]).map { Lost.Object(object, $0.key, name: $0.value.state.name) })
    }

    /// A listing in which a domain of whose state the hypervisor does not tell is taken to be as it was, or to run.
    func resolved(_ listing: [ListedObject], of object: EventKind.Object) -> [ListedObject] {
        guard object == .domain, let former = classes[object] else { return listing }
        return listing.map { listed in
            let old = former.objects[listed.key]?.state
            guard former.isKnown || old != nil, listed.state.active, listed.state.state == ObjectState.Word.unknown
            else { return listed }
            var state = listed.state
            state.state = old?.active == true ? old?.state ?? ObjectState.Word.running : ObjectState.Word.running
            return ListedObject(key: listed.key, state: state, id: listed.id)
        }
    }

    /// Makes up the events of a difference, and reduces them.
    mutating func makeUp(_ difference: Difference, of object: EventKind.Object, at moment: Timestamp) -> [Made] {
        let steps = LifecyclePath.steps(of: object, from: difference.old, to: difference.new?.state)
        return make(steps, of: object, difference.key, id: difference.new?.id, at: moment)
    }

    /// Makes up events that lead to what is listed of an object, because nobody knows what was told of it last.
    mutating func makeUp(anyOf item: Lost.Object, listed: ListedObject?, at moment: Timestamp) -> [Made] {
        let (object, key) = (item.object, item.key)
        // Of what is gone nobody may know the name any more; libvirt takes a UUID in the place of one.
        let name = classes[object]?.objects[key]?.state.name ?? item.name ?? key.description
        let steps = LifecyclePath.steps(of: object, to: listed?.state, name: name)
        var made = make(steps, of: object, key, id: listed?.id, at: moment)
        // The history may have anything.
        guard let last = made.popLast() else { return [] }
        let state = classes[object]?.objects[key]?.state
        made.append(Made(event: last.event, changes: [.object(object, key, state, at: moment)]))
        return made
    }

    /// Makes up what must have come before the first event of an object since its class is heard again.
    mutating func makeUp(before event: HostEvent) -> [Made] {
        let object = event.kind.object
        let key = event.subject.objectKey
        guard let former = classes[object], former.isKnown, !key.isNobody else { return [] }
        let steps = LifecyclePath.prerequisites(of: event, after: former.objects[key]?.state)
        guard !steps.isEmpty else { return [] }
        var id: Int32?
        if case .domain(_, let number, _) = event.subject { id = number }
        return make(steps, of: object, key, id: id, at: event.observed)
    }

    private mutating func make(
        _ steps: [LifecycleStep],
        of object: EventKind.Object,
        _ key: ObjectKey,
        id: Int32?,
        at moment: Timestamp
    ) -> [Made] {
        steps.compactMap { step in
            guard let event = step.event(of: object, key, id: -1, at: moment) else { return nil }
            let changes = apply(event)
            // A domain has a number while it is active.
            let isActive = classes[object]?.objects[key]?.state.active == true
            let numbered = isActive ? step.event(of: object, key, id: id ?? -1, at: moment) : event
            return Made(event: numbered ?? event, changes: changes)
        }
    }
}
