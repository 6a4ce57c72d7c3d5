/// A ledger as the status and `aggregator/stopped` have it.
extension JSONValue {
    /// Whether it has a place for everything, added up here from its numbers, all of which must be there.
    ///
    /// What it says of itself, where it does, has to be the same.
    package var isBalancedLedger: Bool {
        func sum(_ names: String...) -> Int64? {
            let counts = names.compactMap { self[$0]?.integer }
            return counts.count == names.count ? counts.reduce(0, +) : nil
        }
        guard let drops = self["dropped"]?.object?.compactMapValues(\.integer),
            let inFlight = drops["in_flight"], drops["memory"] != nil, drops["room"] != nil,
            let callbacks = sum("callbacks"), let received = sum("received"),
            let before = sum("accepted", "filtered", "suppressed", "under_way"),
            let after = sum("relayed", "coalesced", "dead", "waiting")
        else { return false }
        // What found no place in flight was dropped before it was received.
        let later = drops.values.reduce(0, +) - inFlight
        return callbacks == before + inFlight && received == after + later && self["balanced"] != false
    }
}
