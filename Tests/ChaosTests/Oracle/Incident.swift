import Foundation
import TestSupport

/// A fault as it was done.
struct Incident: Sendable, CustomStringConvertible {
    let kind: FaultKind
    /// `nil` = all.
    let host: String?
    /// Just before it was done.
    let begins: Date
    /// From here on it was done for certain.
    var holds: Date
    /// Before this nothing could be heard again; `nil` while that is not known.
    var heals: Date?
    /// Whether there was nothing for it to be done to, as a connection that just was none.
    var isIdle = false
    /// Whether it lasted until somebody else ended it, though the service should have found it out.
    var isOverdue = false

    func touches(_ host: String) -> Bool { self.host == nil || self.host == host }

    var description: String {
        "\(begins.clock) \(kind.rawValue)\(host.map { " of \($0)" } ?? ""), heals \(heals?.clock ?? "never")\(isIdle ? ", of nothing" : "")\(isOverdue ? ", not found out" : "")"
    }
}
