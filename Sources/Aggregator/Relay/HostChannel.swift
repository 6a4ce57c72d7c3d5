internal import Connections
internal import SaltBus
internal import Spool

/// Turns one host's reports into records for the journal: its tags, its labels, its filter.
///
/// What is the same for every event of the host is worked out once.
struct HostChannel: Sendable {
    let host: InventoryHost
    private let instance: String

    /// Whether the tags are made of what the connection says, since libvirt chose where the host is.
    private let isPlacedByLibvirt: Bool
    private let tags: [EventKind: Tag]
    private let ownTags: [String: Tag]
    private let labels: MessagePackValue?

    /// What follows the URI in the data: in the engine's layout its query.
    private let uriTail: String

    /// - Throws: ``Tag/Malformed`` for a prefix, name or URI that the inventory should not have let through.
    init(_ host: InventoryHost, instance: String) throws(Tag.Malformed) {
        self.host = host
        self.instance = instance
        isPlacedByLibvirt = host.tagBase == nil
        let base = host.tagBase ?? host.ownTagBase
        var tags: [EventKind: Tag] = [:]
        // Of kinds that the filter takes away the connection may still tell for a moment, after a reload.
        for kind in host.filter.kinds { tags[kind] = try Tag("\(base)/\(kind.path)") }
        self.tags = tags
        var ownTags: [String: Tag] = [:]
        for name in FilterWord.hostEvents { ownTags[name] = try Tag("\(host.ownTagBase)/host/\(name)") }
        self.ownTags = ownTags
        let all = host.labels.all
        labels = all.isEmpty ? nil : .texts(all.map { ($0.name, $0.value) })
        let query = host.tagLayout == .engine ? host.host.uri.writtenQuery : nil
        uriTail = query.map { "?\($0)" } ?? ""
    }

    /// The record of a report; `nil` when the host's filter or its choice of domains keeps it back.
    func record(of report: HostReport) -> SpoolRecord? {
        switch report.body {
        case .event(let event):
            if case .domain(let name, _, _) = event.subject, !host.wants(domain: name) { return nil }
            guard let tag = tag(of: event.kind, uri: report.uri) else { return nil }
            let unstamped = UnstampedEvent(tag: tag, entries: EventMapping.entries(of: event) + envelopeEntries) {
                EventMapping.encode(event, uri: report.uri + uriTail, into: &$0)
                encodeEnvelope(report, into: &$0)
            }
            return SpoolRecord(
                time: report.observed.microseconds,
                host: report.host,
                object: event.kind.object.rawValue,
                kind: event.kind.name,
                subject: event.subject.key,
                bytes: unstamped.bytes
            )
        case .up(let facts): return record(of: report, .up(facts, uri: report.uri))
        case .down(let facts): return record(of: report, .down(facts, uri: report.uri))
        case .paused(let pause): return record(of: report, .paused(pause))
        case .resumed(let who): return record(of: report, .resumed(by: who))
        case .certificate(let notice): return record(of: report, .certificate(notice))
        }
    }

    /// What the connection says may be no URI; the event goes out all the same, under the host's name.
    private func tag(of kind: EventKind, uri: String) -> Tag? {
        guard isPlacedByLibvirt, let uri = try? LibvirtURI(uri) else { return tags[kind] }
        return (try? Tag("\(host.tagPrefix)/\(uri.engineSegments)/\(kind.path)")) ?? tags[kind]
    }

    private func record(of report: HostReport, _ own: OwnEvent) -> SpoolRecord? {
        guard host.filter.wants(host: "\(own.name)"), let tag = ownTags["\(own.name)"] else { return nil }
        let unstamped = UnstampedEvent(tag: tag, entries: own.entries + envelopeEntries) {
            own.encode(into: &$0)
            encodeEnvelope(report, into: &$0)
        }
        return SpoolRecord(
            time: report.observed.microseconds,
            host: report.host,
            object: "host",
            kind: "\(own.name)",
            subject: "",
            bytes: unstamped.bytes
        )
    }

    private var envelopeEntries: Int { labels == nil ? 2 : 3 }

    /// Writes what we add to the engine's keys: `host`, `labels`, `relay`.
    private func encodeEnvelope(_ report: HostReport, into encoder: inout MessagePackEncoder) {
        encoder.string("host")
        encoder.string(report.host)
        if let labels {
            encoder.string("labels")
            encoder.value(labels)
        }
        var envelope = RelayEnvelope(
            instance: instance,
            host: report.host,
            sequence: report.sequence,
            observed: report.observed
        )
        envelope.hostUUID = report.hostUUID
        if case .event(let event) = report.body { envelope.truncated = event.truncated }
        envelope.encode(into: &encoder)
    }
}

/// The `relay` entry of every event: which one it is, and when it was observed.
struct RelayEnvelope {
    let instance: String

    /// `nil` for the service's own events, whose id then has `_` for a host.
    let host: String?
    let sequence: UInt64
    let observed: Timestamp
    var hostUUID: String?

    /// JSON pointers to texts that were cut.
    var truncated: [String] = []

    func encode(into encoder: inout MessagePackEncoder) {
        encoder.string("relay")
        encoder.map(2 + (hostUUID == nil ? 0 : 1) + (truncated.isEmpty ? 0 : 1))
        encoder.string("id")
        encoder.string("\(instance)/\(host ?? "_")/\(sequence)")
        encoder.string("observed")
        encoder.string(observed.iso8601)
        if let hostUUID {
            encoder.string("host_uuid")
            encoder.string(hostUUID)
        }
        if !truncated.isEmpty {
            encoder.string("truncated")
            encoder.array(truncated.count)
            for place in truncated { encoder.string(place) }
        }
    }
}
