internal import Connections

/// A host as the admin interface shows it; what is not known is left out.
struct HostView: Codable, Equatable, Sendable {
    struct Refused: Codable, Equatable, Sendable {
        let kind: String
        let message: String

        init(_ refused: RefusedKind) {
            kind = refused.kind.path
            message = refused.message
        }
    }

    struct Paused: Codable, Equatable, Sendable {
        /// `nil` = until somebody ends it.
        let until: String?
        let by: String
    }

    struct Certificate: Codable, Equatable, Sendable {
        /// `host`, or `own` for the one we show it.
        let owner: String
        let subject: String
        let notAfter: String
    }

    let name: String

    /// Without user name and query.
    let uri: String

    /// `connecting`, `up`, `down` or `stopped`.
    let phase: String

    /// Since when it is in this phase.
    let since: String?
    let reason: String?
    let message: String?

    /// Left out while one is under way.
    let nextAttempt: String?

    /// Attempts since it was last up.
    let attempt: Int?

    /// The version of the daemon's libvirt, once it has said it.
    let libvirt: String?

    /// `on`, or `unsupported`.
    let keepalive: String?

    /// The kinds of events it gives; none while it is not up.
    let registered: [String]
    let refused: [Refused]

    /// Kinds that the host has in their older form alone: `domain/io_error` without a reason, `domain/block_job` with a
    /// path for a target.
    let olderForms: [Refused]
    let hostUuid: String?

    /// Of a TLS host, once they have been looked at.
    let certificates: [Certificate]
    let paused: Paused?
    let labels: [String: String]
    let filters: [String]
    let tagPrefix: String

    /// `host` or `engine`.
    let tagLayout: String

    /// Patterns of the domains whose events go out.
    let domains: [String]

    /// How long an outage may last without a word, as the inventory writes it.
    let downGrace: String

    /// Events taken in, and those that found no place between callback and journal, since the connection's watcher began.
    let events: Int
    let dropped: Int
    let warnings: [String]

    init(_ host: InventoryHost, _ status: WatcherStatus) {
        let facts = status.phase == .up ? status.facts : nil
        name = host.host.name
        uri = facts?.uri ?? host.host.uri.redacted
        phase = status.phase.rawValue
        let down = status.phase == .down ? status.down : nil
        since = (down?.since ?? status.since)?.iso8601
        attempt = status.phase == .up ? nil : status.attempts
        hostUuid = status.hostUUID
        certificates = [("own", status.certificates?.own), ("host", status.certificates?.server)].compactMap {
            owner,
            certificate in
            certificate.map { Certificate(owner: owner, subject: $0.subject, notAfter: $0.notAfter.iso8601) }
        }
        reason = down?.reason.rawValue
        message = down?.message
        nextAttempt = status.isTrying ? nil : down?.nextAttempt?.iso8601
        libvirt = status.facts?.daemonVersion
        keepalive = facts.map { $0.keepsAlive ? "on" : "unsupported" }
        registered = facts?.registered.map(\.path) ?? []
        refused = facts?.refused.map(Refused.init) ?? []
        olderForms = facts?.olderForms.map(Refused.init) ?? []
        paused = status.pause.map { Paused(until: $0.until?.iso8601, by: $0.by) }
        labels = Dictionary(host.labels.all.map { ($0.name, $0.value) }) { $1 }
        filters = host.filter.words.map { ($0.isNegated ? "!" : "") + $0.path }
        tagPrefix = host.tagPrefix
        tagLayout = host.tagLayout.rawValue
        domains = host.domains.map(\.text)
        downGrace = host.host.downGrace.text
        events = status.events
        dropped = status.dropped
        warnings = host.warnings
    }
}

/// Every host, or those that were asked for, in the order of their names.
struct HostsView: Codable, Equatable, Sendable {
    let hosts: [HostView]
}
