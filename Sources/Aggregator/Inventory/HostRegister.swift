/// Which host was named where: names are unique among all hosts and groups of all files, and there is an end of them.
struct HostRegister {
    /// The `hosts` of a file, or one group.
    struct Owner: Equatable {
        /// How messages name it: `hosts`, or `group rack7`.
        let name: String
        let position: Position
    }

    /// How a host is named; once in each way by one owner, so that a range can be followed by what is special in it.
    enum Way {
        /// By its name alone, or within a range.
        case named

        /// With options of its own.
        case overridden
    }

    private struct Claim {
        let owner: Owner
        var positions: [Way: Position]
    }

    private var claims: [String: Claim] = [:]
    private var counts: [Way: Int] = [:]
    private var isFull = false

    /// The names of a pattern, counted before they are made.
    ///
    /// `nil` when they are too many, of which the report gets one error.
    mutating func names(
        of pattern: HostPattern,
        way: Way,
        at position: Position,
        report: inout DiagnosticReport
    ) -> [String]? {
        guard !isFull else { return nil }
        let free = Inventory.hostLimit - counts[way, default: 0]
        guard let names = pattern.names(limit: free) else {
            fill(with: pattern, at: position, report: &report)
            return nil
        }
        counts[way, default: 0] += names.count
        return names
    }

    /// Takes names for an owner; those that are taken already are told of, once for each place they were taken at.
    ///
    /// - Returns: The names that are the owner's.
    mutating func claim(
        _ names: [String],
        for owner: Owner,
        way: Way,
        at position: Position,
        report: inout DiagnosticReport
    ) -> [String] {
        var clashes: [(name: String, count: Int, owner: Owner, position: Position)] = []
        var index: [Position: Int] = [:]
        let mine = names.filter { name in
            guard let claim = claims[name] else {
                claims[name] = Claim(owner: owner, positions: [way: position])
                return true
            }
            if claim.owner == owner, claim.positions[way] == nil {
                claims[name]?.positions[way] = position
                return true
            }
            let earlier = claim.positions[way] ?? claim.positions.values.min() ?? claim.owner.position
            if let known = index[earlier] {
                clashes[known].count += 1
            } else {
                index[earlier] = clashes.count
                clashes.append((name, 1, claim.owner, earlier))
            }
            return false
        }
        for clash in clashes {
            let who = clash.count > 1 ? "\(clash.name) and \(clash.count - 1) more are" : "\(clash.name) is"
            let again = clash.owner == owner ? "twice, first" : "and already in \(clash.owner.name),"
            report.error(
                .duplicateHost,
                at: position,
                "\(who) in \(owner.name) \(again) at \(clash.position)",
                hint: "name a host in one place, once"
            )
        }
        if claims.count > Inventory.hostLimit, !isFull { fill(at: position, report: &report) }
        return mine
    }

    private mutating func fill(
        with range: HostPattern? = nil,
        at position: Position,
        report: inout DiagnosticReport
    ) {
        isFull = true
        let (limit, remedy) = (Inventory.hostLimit, "watch the others from a second service")
        if let range, range.count > 1 {
            let message = "more than \(limit) hosts with those of \(range.text.quoted)"
            report.error(.tooManyHosts, at: position, message, hint: "check its bounds, or \(remedy)")
        } else {
            report.error(.tooManyHosts, at: position, "more than \(limit) hosts", hint: remedy)
        }
    }
}
