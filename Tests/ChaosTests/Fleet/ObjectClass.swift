/// The classes whose states are compared: what a bus event has as its object.
enum ObjectClass: String, CaseIterable, Sendable {
    case domain, network, pool

    /// What virsh's commands about them begin with.
    var verb: String {
        switch self {
        case .domain: ""
        case .network: "net-"
        case .pool: "pool-"
        }
    }
}

/// What is to be said of one object.
struct ObjectFacts: Sendable, Hashable, CustomStringConvertible {
    var name: String
    var persistent: Bool
    /// `running`, `paused`, `shutoff`; `active`, `inactive`.
    var state: String

    var active: Bool { state != "shutoff" && state != "inactive" }

    var description: String { "\(name) \(state)\(persistent ? "" : ", transient")" }
}

/// An object's place in a table: no class but one has a UUID.
struct ObjectName: Sendable, Hashable, Comparable, CustomStringConvertible {
    let object: ObjectClass
    let uuid: String

    var description: String { "\(object) \(uuid)" }

    static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

typealias ObjectTable = [ObjectName: ObjectFacts]
