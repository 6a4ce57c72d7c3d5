/// Whether another hypervisor answers under a host's name than before, by what it lists of each class.
///
/// Its UUID alone does not tell: where neither the firmware nor the configuration has one, a daemon makes one up at each
/// start. A value; it outlives connections, since one may be lost before all classes are listed.
struct Stranger: Sendable {
    private var suspected: Set<EventKind.Object> = []
    private var isFound = false

    /// The host says that it is another than before.
    ///
    /// - Parameter classes: Those that have not been compared since.
    mutating func suspect(_ classes: some Sequence<EventKind.Object>) {
        suspected = Set(classes)
        isFound = false
    }

    /// Whether a complete listing is another hypervisor's: most of what was known is not there.
    mutating func isFound(in object: EventKind.Object, known: Set<ObjectKey>, listed: Set<ObjectKey>) -> Bool {
        guard suspected.remove(object) != nil else { return false }
        // Devices have the same names everywhere.
        guard object != .nodedev else { return isFound }
        guard known.intersection(listed).count * 2 < known.count else { return false }
        isFound = true
        return true
    }
}
