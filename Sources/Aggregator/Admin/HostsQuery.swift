/// Which hosts are asked for: `?phase=down&label=rack=r7`; of several labels all must be right.
struct HostsQuery: Equatable, Sendable {
    private static let phases = Vocabulary(words: [
        "connecting", "up", "down", "stopped", "paused", "degraded", "flapping",
    ])

    /// `paused`, `degraded` and `flapping` are some here, though such a host is up or down as well.
    var phase: String?
    var labels: [Label] = []

    struct Label: Equatable, Sendable {
        let name: String
        let value: String
    }

    init() {}

    /// - Parameter items: The query's names and values, without their percent signs.
    init(_ items: [(name: String, value: String)]) throws(AdminFailure) {
        for (name, value) in items {
            switch name {
            case "phase":
                guard Self.phases.words.contains(value) else {
                    throw .invalidQuery("\(value.quoted) is no phase", hint: Self.phases.hint(for: value))
                }
                phase = value
            case "label":
                guard let sign = value.firstIndex(of: "="), sign != value.startIndex else {
                    throw .invalidQuery("\(value.quoted) is no label", hint: "write NAME=VALUE, for example rack=r7")
                }
                labels.append(Label(name: String(value[..<sign]), value: String(value[value.index(after: sign)...])))
            default:
                throw .invalidQuery(
                    "\(name.quoted) is nothing to choose hosts by",
                    hint: Vocabulary(words: ["phase", "label"]).hint(for: name)
                )
            }
        }
    }

    func matches(_ host: HostView) -> Bool {
        let isPhase =
            switch phase {
            case "paused": host.paused != nil
            case "degraded": !host.degraded.isEmpty
            case "flapping": host.flapping != nil
            case let phase?: phase == host.phase
            case nil: true
            }
        return isPhase && labels.allSatisfy { host.labels[$0.name] == $0.value }
    }
}
