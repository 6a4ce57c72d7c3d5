/// What is known of one host's objects, made of its events and its listings.
///
/// One pure reducer, so that all who ask how things are have one answer. A class has no state before its first complete
/// listing; what its events say until then is kept and written, since it was told, and holds against that listing where it
/// came during it.
package struct HostState: Sendable {
    /// How many objects of a class are taken in: as many as libvirt lists of a remote host.
    ///
    /// Events about further ones change nothing, and are counted.
    package static let limit = 16_384

    /// An object, and how much of its state has been said.
    struct Entry: Hashable, Sendable {
        var state: ObjectState

        /// Whether anything has said if it is persistent; an event of a domain that starts does not.
        var isPersistenceKnown: Bool
    }

    /// A class's objects.
    struct ClassState: Sendable {
        var objects: [ObjectKey: Entry] = [:]

        /// Whether there was a complete listing ever; before, what stands in `objects` is events' hearsay.
        var isKnown = false

        /// Whether what stands in `objects` is told to be so: not while nothing is heard of the class.
        var isTold = false
    }

    /// What is written of an object is always what stands here, whether or not its class is told to be so.
    var classes: [EventKind.Object: ClassState] = [:]

    /// Whether the host is being heard.
    package private(set) var isHeard = false

    /// Events of objects beyond ``limit``.
    package internal(set) var beyondLimit = 0

    /// When the last change was that a former life left of any object; `nil` = none.
    private(set) var newest: Timestamp?

    package init() {}

    /// The last known state, from the last change of every object.
    ///
    /// - Parameter changes: In any order; what makes no sense is left out.
    package init(_ changes: some Sequence<StateChange>) {
        var marks: [EventKind.Object: StateChange] = [:]
        for change in changes {
            guard let object = change.object.objectClass else {
                isHeard = change.state != nil
                continue
            }
            if change.key.isEmpty {
                marks[object] = change
            } else if let state = change.state, let key = ObjectKey(change.key, of: object) {
                let entry = Entry(state: state, isPersistenceKnown: true)
                classes[object, default: ClassState()].objects[key] = entry
                newest = max(newest ?? change.at, change.at)
            }
        }
        for (object, mark) in marks where mark.state != nil || mark.silence != .forgotten {
            // As former versions have it, a class that is not known any more has left none of its objects.
            guard mark.state != nil || mark.silence == .silent || classes[object] != nil else { continue }
            classes[object, default: ClassState()].isKnown = true
            classes[object]?.isTold = mark.state != nil
        }
        for (object, state) in classes where !state.isKnown {
            // Events' hearsay, or a part of a first listing: no word says that it is whole. An event of a domain that
            // starts does not say that it is transient.
            classes[object]?.objects = state.objects.mapValues {
                Entry(state: $0.state, isPersistenceKnown: $0.state.persistent)
            }
        }
    }

    /// The objects of a class; `nil` before its first complete listing.
    package func objects(of object: EventKind.Object) -> [ObjectKey: ObjectState]? {
        guard let state = classes[object], state.isKnown else { return nil }
        return state.objects.mapValues(\.state)
    }

    /// What is known of a class, or was told before it was known.
    func keys(of object: EventKind.Object) -> Set<ObjectKey> { Set((classes[object]?.objects ?? [:]).keys) }

    /// Whether there is any of these.
    func hasAny(of object: EventKind.Object) -> Bool { classes[object]?.objects.isEmpty == false }

    /// How many objects a class has; `nil` before its first complete listing.
    package func count(of object: EventKind.Object) -> Int? {
        guard let state = classes[object], state.isKnown else { return nil }
        return state.objects.count
    }

    /// Whether nothing is heard of a class that is known.
    func isSilent(_ object: EventKind.Object) -> Bool { classes[object].map { $0.isKnown && !$0.isTold } ?? false }

    /// The host is heard from now on, or is not.
    package mutating func hear(_ isHeard: Bool, at moment: Timestamp) -> [StateChange] {
        guard isHeard != self.isHeard else { return [] }
        self.isHeard = isHeard
        return [.isHeard(isHeard, at: moment)]
    }

    /// Nothing is heard of a class for the moment: what is known of it stays, to be compared with when it is heard again.
    package mutating func silence(_ object: EventKind.Object, at moment: Timestamp) -> [StateChange] {
        guard classes[object]?.isTold == true else { return [] }
        classes[object]?.isTold = false
        return [.isNotKnown(object, .silent, at: moment)]
    }

    /// A class is not of interest any more, or another host's: what comes next of it is a first sight.
    ///
    /// - Parameter heard: Objects of which events came since, which stay until then. The default is none.
    package mutating func forget(
        _ object: EventKind.Object,
        except heard: Set<ObjectKey> = [],
        at moment: Timestamp
    ) -> [StateChange] {
        guard let former = classes.removeValue(forKey: object) else { return [] }
        let rest = former.objects.filter { heard.contains($0.key) }
        if !rest.isEmpty { classes[object] = ClassState(objects: rest) }
        let known: [StateChange] = former.isKnown ? [.isNotKnown(object, .forgotten, at: moment)] : []
        return known + former.objects.keys.filter { rest[$0] == nil }.map { .object(object, $0, nil, at: moment) }
    }

    /// Nobody watches the host any more.
    package mutating func forgetEverything(at moment: Timestamp) -> [StateChange] {
        hear(false, at: moment) + EventKind.Object.allCases.flatMap { forget($0, at: moment) }
    }
}
