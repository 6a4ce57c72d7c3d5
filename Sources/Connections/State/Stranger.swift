/// Whether another hypervisor answers under a host's name than before, by what it lists of each class.
///
/// Its UUID alone does not tell: where neither the firmware nor the configuration has one, a daemon makes one up at each
/// start. A value; it outlives connections, since one may be lost before all classes are listed.
struct Stranger: Sendable {
    /// Classes that have not been compared since it was said to be another.
    private(set) var suspected: Set<EventKind.Object> = []

    /// Objects of these of which events came since: whatever the host is, it has told of them.
    private var heard: [EventKind.Object: Set<ObjectKey>] = [:]
    private var isFound = false

    /// The host says that it is another than before.
    ///
    /// - Parameter classes: Those that have not been compared since.
    mutating func suspect(_ classes: some Sequence<EventKind.Object>) {
        suspected = Set(classes)
        heard = [:]
        isFound = false
    }

    /// An event came about an object.
    mutating func heard(_ object: EventKind.Object, _ key: ObjectKey) {
        guard suspected.contains(object), heard(of: object).count < HostState.limit else { return }
        heard[object, default: []].insert(key)
    }

    func heard(of object: EventKind.Object) -> Set<ObjectKey> { heard[object] ?? [] }

    /// Whether a complete listing is another hypervisor's: most of what was known is not there.
    mutating func isFound(in object: EventKind.Object, known: Set<ObjectKey>, listed: Set<ObjectKey>) -> Bool {
        guard suspected.remove(object) != nil else { return false }
        heard[object] = nil
        // Devices have the same names everywhere.
        guard object != .nodedev else { return isFound }
        guard known.intersection(listed).count * 2 < known.count else { return false }
        isFound = true
        return true
    }
}
