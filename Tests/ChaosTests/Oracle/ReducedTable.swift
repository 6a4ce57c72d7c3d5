/// What a reader of the bus alone knows of a host, from a baseline on.
///
/// Written from libvirt's documentation of its events, and of nothing of the service's: it is what an operator's own
/// reader would be.
struct ReducedTable: Sendable {
    private(set) var table: ObjectTable

    init(baseline: ObjectTable) {
        table = baseline
    }

    /// - Returns: Whether anything is another than before.
    @discardableResult
    mutating func apply(_ life: BusLife) -> Bool {
        let before = table[life.key]
        var after = before
        switch (life.event, life.detail) {
        case ("undefined", "renamed"): break
        case ("defined", _):
            after = before ?? ObjectFacts(name: life.name, persistent: true, state: off(life.key.object))
            after?.persistent = true
            after?.name = life.name
        case ("undefined", _):
            after?.persistent = false
            if before?.active != true { after = nil }
        case ("started", _), ("resumed", _): after = on(life, before, life.key.object == .domain ? "running" : "active")
        case ("suspended", _): after = on(life, before, "paused")
        case ("pmsuspended", _), ("crashed", _), ("shutdown", _): after = on(life, before, "other")
        case ("stopped", _):
            after?.state = off(life.key.object)
            if before?.persistent != true { after = nil }
        default: break
        }
        table[life.key] = after
        return after != before
    }

    private func off(_ object: ObjectClass) -> String { object == .domain ? "shutoff" : "inactive" }

    private func on(_ life: BusLife, _ before: ObjectFacts?, _ state: String) -> ObjectFacts {
        ObjectFacts(name: life.name, persistent: before?.persistent ?? false, state: state)
    }

    /// What is another here than in the table of who knows.
    func differences(from truth: ObjectTable) -> [String] {
        Set(table.keys).union(truth.keys).sorted().compactMap { key in
            table[key] == truth[key]
                ? nil
                : "\(key): \(truth[key].map(\.description) ?? "not there"); by the bus "
                    + (table[key].map(\.description) ?? "not there")
        }
    }
}
