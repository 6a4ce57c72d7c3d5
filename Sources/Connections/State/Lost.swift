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

    /// - Parameter objects: `nil` when they were too many to be remembered.
    package init(from: Timestamp, objects: Set<Object>?) {
        self.from = from
        self.objects = objects
    }
}
