/// Classes that hosts register and refuse to list, and when another connection is worth a try.
///
/// The first audit that finds one has the connection replaced, and as long as that changes nothing every second one after
/// it, every fourth and so on: what can never be listed must not end connections for ever. A value without a clock.
struct ListingRefusals: Sendable {
    /// Audits between two tries at most: an hour, with an audit every 5 minutes.
    private static let longest = 12

    private var waits: [EventKind.Object: (length: Int, left: Int)] = [:]

    /// An audit finds that a class cannot be listed.
    ///
    /// - Returns: Whether the connection is to be replaced for that.
    mutating func isDue(_ object: EventKind.Object) -> Bool {
        let wait = waits[object] ?? (length: 1, left: 1)
        guard wait.left > 1 else {
            let length = min(wait.length * 2, Self.longest)
            waits[object] = (length, length)
            return true
        }
        waits[object] = (wait.length, wait.left - 1)
        return false
    }

    /// A class has been listed, or has nothing to be listed.
    mutating func clear(_ object: EventKind.Object) {
        waits[object] = nil
    }
}
