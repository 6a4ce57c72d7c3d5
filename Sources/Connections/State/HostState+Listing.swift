extension HostState {
    /// Puts a complete listing in the place of what was known of a class.
    ///
    /// - Parameters:
    ///   - object: The class.
    ///   - listing: What it holds, in any order.
    ///   - touched: Objects of which events came while it was made, or which it does not settle. Nobody can tell whether
    ///     the listing is older or newer than those events, so the objects stay what the events made of them.
    ///   - moment: When the listing was begun, so that an event that came later counts for more.
    /// - Returns: What has changed; after the first complete listing of a class that is everything.
    package mutating func replace(
        _ object: EventKind.Object,
        with listing: [ListedObject],
        touched: Set<ObjectKey> = [],
        at moment: Timestamp
    ) -> [StateChange] {
        let former = classes[object] ?? ClassState()
        var objects: [ObjectKey: Entry] = Dictionary(minimumCapacity: listing.count)
        for listed in listing {
            if !touched.contains(listed.key) {
                objects[listed.key] = Entry(state: listed.state, isPersistenceKnown: true)
            } else if var entry = former.objects[listed.key], !entry.isPersistenceKnown {
                // What the events leave open.
                entry.state.persistent = listed.state.persistent
                entry.isPersistenceKnown = true
                objects[listed.key] = entry
            }
        }
        for key in touched where objects[key] == nil { objects[key] = former.objects[key] }
        classes[object] = ClassState(objects: objects, isKnown: true, isTold: true)
        let changes = Self.differences(from: former.objects, to: objects).map { key, state in
            StateChange.object(object, key, state, at: moment)
        }
        return former.isTold ? changes : changes + [.isListed(object, at: moment)]
    }

    /// What is said of the host and a class as a whole, once more: nobody knows whether it was kept.
    func retold(_ object: EventKind.Object, at moment: Timestamp) -> [StateChange] {
        guard classes[object]?.isTold == true else { return [] }
        return [.isHeard(isHeard, at: moment), .isListed(object, at: moment)]
    }

    /// What is another in `new` than in `old`: the state there, `nil` for what is gone.
    private static func differences(
        from old: [ObjectKey: Entry],
        to new: [ObjectKey: Entry]
    ) -> [(key: ObjectKey, state: ObjectState?)] {
        let gone = old.keys.filter { new[$0] == nil }.map { (key: $0, state: ObjectState?.none) }
        return gone
            + new.compactMap { key, entry in old[key]?.state == entry.state ? nil : (key: key, state: entry.state) }
    }
}
