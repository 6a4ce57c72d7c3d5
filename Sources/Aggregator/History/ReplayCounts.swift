internal import Connections
internal import Spool

/// How many events a replay is about, and which.
struct ReplayCounts: Codable, Equatable, Sendable {
    private(set) var total = 0

    /// By `object/kind`, as filters write it.
    private(set) var kinds: [String: Int] = [:]

    /// By the host's name; the service's own events are under `aggregator`.
    private(set) var hosts: [String: Int] = [:]

    /// When the first and the last were observed.
    private(set) var from: String?
    private(set) var to: String?

    private var first = Int64.max
    private var last = Int64.min

    /// Keys are data here: a name that looks like a key of ours stays as it is.
    enum CodingKeys: CodingKey { case total, kinds, hosts, from, to }

    init() {}

    mutating func add(_ events: [KeptEvent]) {
        for event in events {
            total += 1
            kinds["\(event.object)/\(event.kind)", default: 0] += 1
            hosts[event.host.isEmpty ? HostName.reserved : event.host, default: 0] += 1
            first = min(first, event.time)
            last = max(last, event.time)
        }
        guard total > 0 else { return }
        from = Timestamp(microseconds: first).iso8601
        to = Timestamp(microseconds: last).iso8601
    }
}
