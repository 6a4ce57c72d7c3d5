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

    /// The reason that is a column of its own in the ledger.
    static let dead = "dead"

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
    /// What is covered by what was told.
    private struct Told {
        var since: Timestamp
        var counts: [String: Int] = [:]
        var hosts: [String: Int] = [:]
    }

    private var told: Told

    /// Without what may not have arrived.
    private var arrived: Told

    init(at now: Timestamp) {
        told = Told(since: now)
        arrived = told
    }

    /// What has to be said now, if anything.
    ///
    /// - Parameters:
    ///   - ledger: With the totals by reason.
    ///   - hosts: Each host's total; what is under no name is of the service's own events.
    ///   - dead: Those of the hosts that can never be sent; of the service's own, what tells of them may be the next one.
    mutating func look(_ ledger: Ledger, hosts: [String: Int], dead: Int, at now: Timestamp) -> Drops? {
        if hosts["", default: 0] > told.hosts["", default: 0] {
            // What was told of drops may be among it, and is told again.
            if told.counts != arrived.counts { told = arrived }
        } else if ledger.waiting == 0 {
            arrived = told
        }
        let drops = ledger.drops + [(Drops.dead, dead)]
        let counts = drops.map { Drops.Reason(reason: $0.reason, count: $0.count - told.counts[$0.reason, default: 0]) }
        let since = told.since
        told.since = now
        guard counts.contains(where: { $0.count > 0 }) else { return nil }
        // Of a host that left and came back it is counted anew.
        let lost = hosts.map { host, total in
            let before = told.hosts[host, default: 0]
            return Drops.Host(host: host, count: total < before ? total : total - before)
        }
        .filter { $0.count > 0 && !$0.host.isEmpty }
        .sorted { ($1.count, $0.host) < ($0.count, $1.host) }
        told.counts = Dictionary(drops.map { ($0.reason, $0.count) }) { $1 }
        told.hosts = hosts
        return Drops(since: since, counts: counts, hosts: Array(lost.prefix(10)))
    }
}
