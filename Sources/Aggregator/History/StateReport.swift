internal import Connections
internal import Spool

/// What things were at a time, on every host: as far as it was known then.
///
/// Pure: made of the rows that held at that time.
struct StateReport: Codable, Equatable, Sendable {
    /// An object that was known to be there; or, of domains that were asked for by name, known to be gone.
    struct Object: Codable, Equatable, Sendable {
        let host: String
        let object: String
        let name: String

        /// `nil` for objects that have none.
        let uuid: String?

        /// `running`, `paused`, `shutoff` and the like; `gone` for one that was not there any more.
        let state: String
        let persistent: Bool
        let active: Bool

        /// From when on that held.
        let since: String

        /// When the host was last heard, if that was not the case any more.
        let notHeardSince: String?
    }

    /// What is to be said of a host.
    struct Host: Codable, Equatable, Sendable {
        let host: String

        /// Whether it was heard; `nil` = nothing is known of that.
        let heard: Bool?

        /// From when on that was so.
        let since: String?

        /// Objects of which nothing can be said.
        let unknown: [Unknown]
    }

    struct Unknown: Codable, Equatable, Sendable {
        let object: String
        let why: Why
    }

    /// Why nothing can be said.
    enum Why: String, Codable, Sendable {
        /// What was before is not kept any more.
        case notKept = "not_kept"

        /// There had been no complete listing.
        case notListed = "not_listed"

        /// They were not watched any more, or there was nothing to be heard of them.
        case notWatched = "not_watched"
    }

    let at: String
    let hosts: [Host]
    let objects: [Object]

    /// - Parameters:
    ///   - moment: The time that is meant.
    ///   - rows: The latest row of every object then.
    ///   - hosts: The hosts that are meant.
    ///   - classes: The objects that are meant, in the order to report them.
    ///   - selection: Which domains are meant.
    ///   - horizon: What was before it is not kept.
    ///   - silence: When the service had ended, if it did not run then.
    ///   - proofs: When each host was last heard, as far as that was noted. The default is not at all.
    ///   - gaps: By host and class, from when on nothing was heard, as was told later. The default is none.
    init(
        at moment: Timestamp,
        rows: [SpoolChange],
        hosts: [String],
        classes: [String],
        selection: HistorySelection,
        horizon: Timestamp,
        silence: Timestamp? = nil,
        proofs: [String: Timestamp] = [:],
        gaps: [String: [String: Timestamp]] = [:]
    ) {
        at = moment.iso8601
        let byHost = Dictionary(grouping: rows, by: \.host)
        var reports: [Host] = []
        var objects: [Object] = []
        for host in hosts {
            let rows = byHost[host] ?? []
            let isKept = moment >= horizon
            let standing = Dictionary(rows.filter { $0.key.isEmpty }.map { ($0.object, $0) }) { first, _ in first }
            let gaps = gaps[host] ?? [:]
            let heard = isKept ? Self.hearing(rows, silence: silence, proof: proofs[host], gaps: gaps) : nil
            let there = Set(rows.filter { !$0.key.isEmpty && $0.exists }.map(\.object))
            let unknown = classes.compactMap { object -> Unknown? in
                guard isKept else { return Unknown(object: object, why: .notKept) }
                guard let row = standing[object] else { return Unknown(object: object, why: .notListed) }
                // Of what is not heard for the moment there is what was last known; of what was forgotten there is hearsay.
                let isForgotten = row.state == StateChange.Silence.forgotten.rawValue
                return row.exists || !isForgotten && there.contains(object)
                    ? nil : Unknown(object: object, why: .notWatched)
            }
            reports.append(
                Host(host: host, heard: heard?.isHeard, since: heard?.since.iso8601, unknown: unknown)
            )
            let known = Set(classes).subtracting(unknown.map(\.object))
            let lastHeard = heard.flatMap { $0.isHeard ? nil : $0.since }
            for row in rows where !row.key.isEmpty && known.contains(row.object) {
                if selection.domains.isEmpty {
                    guard row.exists else { continue }
                } else {
                    guard selection.wants(domain: row.name, uuid: row.key) else { continue }
                }
                let silent = standing[row.object].flatMap { $0.exists ? nil : Timestamp(microseconds: $0.time) }
                let since = [lastHeard, silent, gaps[row.object]].compactMap(\.self).min()
                objects.append(Object(row, notHeardSince: since?.iso8601))
            }
        }
        self.hosts = reports
        let order = Dictionary(classes.enumerated().map { ($1, $0) }) { first, _ in first }
        // Of a domain that has moved, where it ran comes first.
        self.objects = objects.sorted { left, right in
            let (leftKey, rightKey) = (left.order(order), right.order(order))
            return selection.domains.isEmpty
                ? leftKey < rightKey
                : (left.name, left.active ? 0 : 1, left.host) < (right.name, right.active ? 0 : 1, right.host)
        }
    }

    private static func hearing(
        _ rows: [SpoolChange],
        silence: Timestamp?,
        proof: Timestamp?,
        gaps: [String: Timestamp]
    ) -> (isHeard: Bool, since: Timestamp)? {
        guard let row = rows.first(where: { $0.object == "host" && $0.key.isEmpty }) else { return nil }
        let since = Timestamp(microseconds: row.time)
        var ends = row.exists ? [] : [since]
        if row.exists, let silence {
            // The service was killed: nobody was heard any more from the last proof on, and what that proof was is noted
            // every few seconds. What was written later still was heard.
            let last = rows.filter(\.exists).map(\.time).max().map { Timestamp(microseconds: $0) } ?? since
            ends.append(max(proof ?? silence, last))
        }
        // A gap of every class that was known is one of the host.
        let isWhole = rows.allSatisfy { !$0.key.isEmpty || !$0.exists || $0.object == "host" || gaps[$0.object] != nil }
        if isWhole, let last = gaps.values.max() { ends.append(last) }
        return ends.min().map { (false, $0) } ?? (true, since)
    }
}

extension StateReport.Object {
    fileprivate init(_ row: SpoolChange, notHeardSince: String?) {
        self.init(
            host: row.host,
            object: row.object,
            name: row.name,
            uuid: row.object == "nodedev" ? nil : row.key,
            state: row.exists ? row.state : "gone",
            persistent: row.persistent,
            active: row.active,
            since: Timestamp(microseconds: row.time).iso8601,
            notHeardSince: notHeardSince
        )
    }

    fileprivate func order(_ classes: [String: Int]) -> (String, Int, String) {
        (host, classes[object] ?? 0, name)
    }
}
