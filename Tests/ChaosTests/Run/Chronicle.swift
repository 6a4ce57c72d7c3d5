import Foundation
import TestSupport

/// The log of what was done, by those who do it.
final class Chronicle: Sendable {
    private let entries = Locked<[Incident]>([])

    var incidents: [Incident] { entries.withLock { $0 } }

    /// Does something, and notes when it began, when it held and when it could be over.
    ///
    /// `body` is given a place to say so at once, for those who look meanwhile.
    func note(_ kind: FaultKind, of host: String?, _ body: (Note) async throws -> Void) async throws {
        let begins = Date()
        let place = entries.withLock { entries in
            entries.append(Incident(kind: kind, host: host, begins: begins, holds: begins))
            return entries.count - 1
        }
        try await body(Note(chronicle: self, place: place))
        change(place) { if $0.heals == nil { $0.heals = Date() } }
    }

    struct Note: Sendable {
        let chronicle: Chronicle
        let place: Int

        /// It holds from now on, or held at that time.
        func holds(_ at: Date = Date()) { chronicle.change(place) { $0.holds = at } }

        /// It was done at some moment since it began, and could be over at once.
        func wasMomentary() {
            chronicle.change(place) { incident in
                incident.holds = Date()
                incident.heals = incident.begins
            }
        }

        /// It was done, and there was nothing that it could do.
        func wasIdle() { chronicle.change(place) { $0.isIdle = true } }

        /// It should have been found out, and was not.
        func isOverdue() { chronicle.change(place) { $0.isOverdue = true } }

        /// It can be over from now on, or could at that time.
        func heals(_ at: Date = Date()) { chronicle.change(place) { $0.heals = at } }
    }

    private func change(_ place: Int, _ body: (inout Incident) -> Void) {
        entries.withLock { body(&$0[place]) }
    }
}
