internal import Connections

/// Events that were given up since the last time it was told.
struct Drops: Hashable, Sendable {
    struct Reason: Hashable, Sendable {
        let reason: String
        let count: Int
    }

    struct Host: Hashable, Sendable {
        let host: String
        let count: Int
    }

    /// Since when.
    let since: Timestamp
    let counts: [Reason]

    /// The hosts that lost most, whatever the reason, ten at most.
    let hosts: [Host]
}

/// Tells what was given up, once for all that was since the last time.
///
/// A value without a clock: it is asked every now and then.
struct DropWatch: Sendable {
    private var since: Timestamp
    private var told: [String: Int] = [:]
    private var toldHosts: [String: Int] = [:]

    init(at now: Timestamp) {
        since = now
    }

    /// What has to be said now, if anything.
    ///
    /// - Parameters:
    ///   - ledger: With the totals by reason.
    ///   - hosts: Each host's total; what is under no name is no host's.
    mutating func look(_ ledger: Ledger, hosts: [String: Int], at now: Timestamp) -> Drops? {
        let counts = ledger.drops.map { Drops.Reason(reason: $0.reason, count: $0.count - told[$0.reason, default: 0]) }
        defer { since = now }
        guard counts.contains(where: { $0.count > 0 }) else { return nil }
        let lost = hosts.map { Drops.Host(host: $0.key, count: $0.value - toldHosts[$0.key, default: 0]) }
            .filter { $0.count > 0 && !$0.host.isEmpty }
            .sorted { ($1.count, $0.host) < ($0.count, $1.host) }
        defer {
            told = Dictionary(ledger.drops.map { ($0.reason, $0.count) }) { $1 }
            toldHosts = hosts
        }
        return Drops(since: since, counts: counts, hosts: Array(lost.prefix(10)))
    }
}
