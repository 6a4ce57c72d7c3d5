/// What happens to three hosts, a master and a service, and when: all of it follows from a seed and a number.
struct Schedule: Sendable, Hashable {
    struct Fault: Sendable, Hashable {
        let kind: FaultKind
        /// The host's place in ``ways``; `nil` where it is not about one.
        let host: Int?
        /// After the schedule's begin, in seconds.
        let at: Double
        /// How long it lasts, for one that does, in seconds.
        let lasts: Double
    }

    static let hosts = 3
    /// How many changes each host is asked to make, at least.
    static let changes = 70
    /// What must really have been done: of all hosts, and the changes of each.
    static let least = (changes: 200, ofEach: 50, faults: 5, kinds: 3)

    let seed: UInt64
    let number: Int
    /// With freezes of half a minute.
    let isLong: Bool
    /// The kind whose turn it is: it must really have been done.
    let featured: FaultKind
    let ways: [Way]
    /// In the order of their moments.
    let faults: [Fault]
    /// How long things happen, in seconds.
    let length: Double

    /// How long no fault is done at first, in seconds, in one of four: longer than any gap may begin before its fault, so that
    /// one is found that begins when the host came up, and not when it was last heard.
    var calm: Double { number % 4 == 3 ? Bounds.alone.before + 2 : 0 }

    /// What makes this one happen again, alone.
    var command: String {
        "make chaos SEED=\(seed) SCHEDULE=\(number)\(isLong ? " LONG=1" : "")"
    }

    /// Whether the faults leave a host alone: nothing may be said of its hearing.
    func isUntouched(_ host: Int) -> Bool {
        faults.allSatisfy { fault in
            fault.host.map { $0 != host } ?? [.none, .drops].contains(fault.kind.effect)
        }
    }
}

extension Schedule: CustomStringConvertible {
    var description: String {
        let hosts = ways.enumerated().map { "\(Self.name($0)) by \($1)" }.joined(separator: ", ")
        let lines = faults.map { fault in
            let about = fault.host.map { " of \(Self.name($0))" } ?? ""
            return "  at \(fault.at.short) s: \(fault.kind.rawValue)\(about), \(fault.lasts.short) s\n"
        }
        return "schedule \(number) of seed \(seed): \(hosts)\n\(lines.joined())"
    }

    static func name(_ host: Int) -> String { "kvm\(host + 1)" }
}

extension Double {
    /// With one decimal.
    var short: String { "\((self * 10).rounded() / 10)" }
}
