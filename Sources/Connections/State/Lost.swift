/// Reports that never reached the journal, though the watcher counts them as told.
package struct Lost: Hashable, Sendable {
    /// An object whose last state may not have been told.
    package struct Object: Hashable, Sendable {
        package let object: EventKind.Object
        package let key: ObjectKey

        package init(_ object: EventKind.Object, _ key: ObjectKey) {
            self.object = object
            self.key = key
        }
    }

    /// When the first of them was observed.
    package var from: Timestamp

    /// The objects of which changes were lost, none when there were events without a change alone; `nil` = any of them.
    package var objects: Set<Object>?

    /// When it may be any of them: objects that have ended since, which neither what is known nor a listing has any more.
    package var ended: Set<Object>

    /// - Parameters:
    ///   - objects: `nil` when they were too many to be remembered.
    ///   - ended: The default is none.
    package init(from: Timestamp, objects: Set<Object>?, ended: Set<Object> = []) {
        self.from = from
        self.objects = objects
        self.ended = ended
    }
}

/// What was lost and has not been told anew.
struct Untold: Sendable {
    private var objects: [EventKind.Object: Set<ObjectKey>] = [:]

    /// Classes of which anything may have been lost.
    private var whole: Set<EventKind.Object> = []

    var isEmpty: Bool { objects.isEmpty && whole.isEmpty }

    mutating func add(_ lost: Lost) {
        if lost.objects == nil { whole = Set(EventKind.Object.allCases) }
        for item in lost.objects ?? lost.ended { objects[item.object, default: []].insert(item.key) }
    }

    /// Whether anything was lost of a class.
    func concerns(_ object: EventKind.Object) -> Bool { whole.contains(object) || objects[object] != nil }

    /// What is to be told anew of a class now that it is listed, in a fixed order.
    ///
    /// - Parameters:
    ///   - everything: The objects that are known and those that are listed.
    ///   - moving: Objects that the listing does not settle; they are told anew with the next one.
    mutating func take(
        _ object: EventKind.Object,
        everything: @autoclosure () -> Set<ObjectKey>,
        except moving: Set<ObjectKey>
    ) -> [ObjectKey] {
        let single = objects[object] ?? []
        let all = whole.remove(object) != nil ? everything().union(single) : single
        let later = all.intersection(moving)
        objects[object] = later.isEmpty ? nil : later
        return all.subtracting(moving).sorted { $0.description < $1.description }
    }

    /// All of it, for who tells it in our place; anything when it is more than single objects.
    func lost(from moment: Timestamp) -> Lost {
        let single = Set(objects.flatMap { object, keys in keys.map { Lost.Object(object, $0) } })
        return whole.isEmpty
            ? Lost(from: moment, objects: single) : Lost(from: moment, objects: nil, ended: single)
    }

    /// Nothing is told of a class any more.
    mutating func forget(_ object: EventKind.Object) {
        objects[object] = nil
        whole.remove(object)
    }
}
