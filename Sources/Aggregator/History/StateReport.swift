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

        /// Objects of which nothing can be said, in the order of the table, and why.
        let unknown: [String]
        let why: Why?
    }

    /// Why nothing can be said.
    enum Why: String, Codable, Sendable {
        /// What was before is not kept any more.
        case notKept = "not_kept"

        /// There had been no complete listing.
        case notListed = "not_listed"
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
    init(
        at moment: Timestamp,
        rows: [SpoolChange],
        hosts: [String],
        classes: [String],
        selection: HistorySelection,
        horizon: Timestamp,
        silence: Timestamp? = nil
    ) {
        at = moment.iso8601
        let byHost = Dictionary(grouping: rows, by: \.host)
        var reports: [Host] = []
        var objects: [Object] = []
        for host in hosts {
            let rows = byHost[host] ?? []
            let isKept = moment >= horizon
            let heard = isKept ? Self.hearing(rows, silence: silence) : nil
            let listed = Set(rows.filter { $0.key.isEmpty && $0.exists }.map(\.object))
            let unknown = classes.filter { !isKept || !listed.contains($0) }
            reports.append(
                Host(
                    host: host,
                    heard: heard?.isHeard,
                    since: heard?.since.iso8601,
                    unknown: unknown,
                    why: unknown.isEmpty ? nil : isKept ? .notListed : .notKept
                )
            )
            let lastHeard = heard.flatMap { $0.isHeard ? nil : $0.since.iso8601 }
            objects += rows.filter { row in
                !row.key.isEmpty && classes.contains(row.object) && !unknown.contains(row.object)
                    && (row.exists || !selection.domains.isEmpty)
                    && (selection.domains.isEmpty || selection.wants(domain: row.name, uuid: row.key))
            }
            .map { Object($0, notHeardSince: lastHeard) }
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
        silence: Timestamp?
    ) -> (isHeard: Bool, since: Timestamp)? {
        guard let row = rows.first(where: { $0.object == "host" && $0.key.isEmpty }) else { return nil }
        let since = Timestamp(microseconds: row.time)
        // Of a host that was lost before the service ended that was the last of it.
        if row.exists, let silence { return (false, max(silence, since)) }
        return (row.exists, since)
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
