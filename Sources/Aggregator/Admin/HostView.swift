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

    /// Why a host that is up may not be heard all the same.
    struct Degraded: Codable, Equatable, Sendable {
        /// `probe`: a call does not return; `audit`: events were missed.
        let doubt: String

        /// Whose events; `nil` = the host as a whole.
        let object: String?
        let since: String

        init(_ doubt: HostDegradation.Doubt, since: Timestamp) {
            self.doubt = doubt.word
            object = doubt.object?.rawValue
            self.since = since.iso8601
        }
    }

    /// Lost so often that its ups and downs are not told.
    struct Flapping: Codable, Equatable, Sendable {
        let count: Int
        let since: String
    }

    /// The last proof that something was heard, and how many seconds ago that was.
    struct Heard: Codable, Equatable, Sendable {
        let at: String
        let age: Double

        init(_ moment: Timestamp, now: Timestamp) {
            at = moment.iso8601
            age = max(0, moment.duration(to: now).seconds)
        }
    }

    /// A class of its objects.
    struct Class: Codable, Equatable, Sendable {
        let object: String

        /// How many there are, as far as is known; `nil` before the first complete listing.
        let objects: Int?

        /// When the last complete listing was begun; `nil` = in a former life, or never.
        let listed: String?
        let heard: Heard?

        /// Why the last try to list it failed.
        let failure: String?
    }

    struct Gap: Codable, Equatable, Sendable {
        let from, to: String
        let classes: [String]
        let cause: String

        /// How many events were derived for it.
        let synthesised: Int

        init(_ gap: HostGap) {
            from = gap.from.iso8601
            to = gap.to.iso8601
            classes = gap.classes.map(\.rawValue)
            cause = gap.cause.rawValue
            synthesised = gap.synthesised
        }
    }

    let name: String

    /// Without user name and query.
    let uri: String

    /// `connecting`, `up`, `down` or `stopped`; one that is up may be ``degraded``.
    let phase: String

    /// None while all is well.
    let degraded: [Degraded]
    let flapping: Flapping?

    /// Of the connection; `nil` = never.
    let heard: Heard?

    /// When the last audit ended.
    let audited: String?

    /// The classes that are watched, or of which something is known.
    let classes: [Class]

    /// Events of objects beyond what is taken in: the classes' counts are not all there is.
    let beyondLimit: Int

    /// How many gaps were told since the connection's watcher began, and the last of them.
    let gaps: Int
    let lastGap: Gap?

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

    /// Calls to it that are past their deadline and have not returned.
    let stuck: [StatusView.Pool.Stuck]
    let warnings: [String]

    /// - Parameters:
    ///   - now: What ages are counted from.
    ///   - stuck: Its calls that have not returned.
    init(_ entry: Supervisor.Entry, at now: Timestamp, stuck: [StuckCall] = []) {
        let (host, status) = (entry.host, entry.status)
        let facts = status.phase == .up ? status.facts : nil
        name = host.host.name
        uri = facts?.uri ?? host.host.uri.redacted
        phase = status.phase.rawValue
        degraded = status.degraded.map(Degraded.init)
            .sorted { ($0.doubt, $0.object ?? "") < ($1.doubt, $1.object ?? "") }
        flapping = status.flapping.map { Flapping(count: $0.count, since: $0.since.iso8601) }
        heard = status.heard.connection.map { Heard($0, now: now) }
        audited = status.audited?.iso8601
        classes = EventKind.Object.allCases.compactMap { Class($0, status, now: now) }
        beyondLimit = status.beyondLimit
        gaps = status.gaps
        lastGap = status.lastGap.map(Gap.init)
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
        self.stuck = stuck.map(StatusView.Pool.Stuck.init)
        warnings = host.warnings + entry.doubts
    }

    /// The phase, and what has to be said with it.
    var fullPhase: String {
        let marks = [
            degraded.isEmpty ? nil : "degraded", flapping == nil ? nil : "flapping", paused == nil ? nil : "paused",
        ]
        return ([phase] + marks.compactMap(\.self)).joined(separator: ", ")
    }
}

extension HostView.Class {
    /// - Returns: `nil` for a class that is not watched, and of which nothing is known.
    fileprivate init?(_ object: EventKind.Object, _ status: WatcherStatus, now: Timestamp) {
        let known = status.classes[object]
        let heard = status.heard.classes[object]
        let isWatched = status.phase == .up && status.facts?.registered.contains { $0.object == object } == true
        guard known != nil || heard != nil || isWatched else { return nil }
        self.init(
            object: object.rawValue,
            objects: known?.objects,
            listed: known?.listed?.iso8601,
            heard: heard.map { HostView.Heard($0, now: now) },
            failure: known?.failure
        )
    }
}

/// Every host, or those that were asked for, in the order of their names.
struct HostsView: Codable, Equatable, Sendable {
    let hosts: [HostView]
}
