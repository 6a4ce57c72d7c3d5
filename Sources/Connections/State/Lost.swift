/// Reports that never reached the journal, or the bus, though the watcher counts them as told.
package struct Lost: Hashable, Sendable {
    /// An object whose last state may not have been told.
    package struct Object: Hashable, Sendable {
        package let object: EventKind.Object
        package let key: ObjectKey

        /// What it was called last, for one that is not there any more; no part of what it is.
        package let name: String?

        package init(_ object: EventKind.Object, _ key: ObjectKey, name: String? = nil) {
            self.object = object
            self.key = key
            self.name = name
        }

        package static func == (one: Object, other: Object) -> Bool {
            one.object == other.object && one.key == other.key
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(object)
            hasher.combine(key)
        }
    }

    /// When the first of them was observed.
    package var from: Timestamp

    /// The objects of which changes were lost, none when there were events without a change alone.
    ///
    /// One that has ended since is in neither what is known nor a listing any more: nobody else remembers it.
    package var objects: Set<Object>

    /// Whether it may be any other that there is, too.
    package var isEverything: Bool

    package init(from: Timestamp, objects: Set<Object> = [], isEverything: Bool = false) {
        self.from = from
        self.objects = objects
        self.isEverything = isEverything
    }
}

extension Set<Lost.Object> {
    /// Adds an object, or what it is called by now, if that is known.
    package mutating func merge(_ object: Lost.Object) {
        if object.name == nil { insert(object) } else { update(with: object) }
    }
}

/// What was lost and has not been told anew.
struct Untold: Sendable {
    private var objects: [EventKind.Object: Set<Lost.Object>] = [:]

    /// Classes of which anything may have been lost.
    private var whole: Set<EventKind.Object> = []

    var isEmpty: Bool { objects.isEmpty && whole.isEmpty }

    mutating func add(_ lost: Lost) {
        if lost.isEverything { whole = Set(EventKind.Object.allCases) }
        for item in lost.objects { objects[item.object, default: []].merge(item) }
    }

    /// Whether anything was lost of a class.
    func concerns(_ object: EventKind.Object) -> Bool { whole.contains(object) || objects[object] != nil }

    /// What is to be told anew of a class now that it is listed, in a fixed order.
    ///
    /// - Parameters:
    ///   - everything: The objects that are known, those that were told, and those that are listed.
    ///   - moving: Objects that the listing does not settle; they are told anew with the next one.
    mutating func take(
        _ object: EventKind.Object,
        everything: @autoclosure () -> Set<Lost.Object>,
        except moving: Set<ObjectKey>
    ) -> [Lost.Object] {
        var all = objects[object] ?? []
        if whole.remove(object) != nil { for item in everything() { all.merge(item) } }
        let later = all.filter { moving.contains($0.key) }
        objects[object] = later.isEmpty ? nil : later
        return all.subtracting(later).sorted { $0.key.description < $1.key.description }
    }

    /// All of it, for who tells it in our place; anything when it is more than single objects.
    func lost(from moment: Timestamp) -> Lost {
        Lost(from: moment, objects: objects.values.reduce(into: []) { $0.formUnion($1) }, isEverything: !whole.isEmpty)
    }

    /// Nothing is told of a class any more.
    mutating func forget(_ object: EventKind.Object) {
        objects[object] = nil
        whole.remove(object)
    }
}
