internal import Connections
internal import SaltBus
internal import Spool
internal import Synchronization

/// Turns one host's reports into records for the journal: its tags, its labels, its filter.
///
/// What is the same for every event of the host is worked out once, and not copied for any.
final class HostChannel: Sendable {
    let host: InventoryHost
    private let instance: String

    /// Whether the tags are made of what the connection says, since libvirt chose where the host is.
    private let isPlacedByLibvirt: Bool
    private let tags: [EventKind: Tag]
    private let ownTags: [String: Tag]
    private let labels: MessagePackValue?

    private let choice: Mutex<DomainChoice>

    /// Whether there are domains whose events do not go out.
    private let isChoosing: Bool

    /// What is to be said of the labels' values.
    private let labelMarks: TextMarks

    /// What follows the URI in the data: in the engine's layout its query.
    private let uriTail: String

    /// - Throws: ``Tag/Malformed`` for a prefix, name or URI that the inventory should not have let through.
    init(_ host: InventoryHost, instance: String) throws(Tag.Malformed) {
        self.host = host
        self.instance = instance
        choice = Mutex(DomainChoice(host.domains))
        isChoosing = !host.domains.contains(.any)
        isPlacedByLibvirt = host.tagBase == nil
        let base = host.tagBase ?? host.ownTagBase
        var tags: [EventKind: Tag] = [:]
        // Of kinds that the filter takes away the connection may still tell for a moment, after a reload.
        for kind in host.filter.kinds {
            tags[kind] = try Tag("\(base)/\(kind.path)")
            if let older = kind.olderForm { tags[older] = tags[kind] }
        }
        self.tags = tags
        var ownTags: [String: Tag] = [:]
        for name in FilterWord.hostEvents { ownTags[name] = try Tag("\(host.ownTagBase)/host/\(name)") }
        self.ownTags = ownTags
        let all = host.labels.all
        labels = all.isEmpty ? nil : .texts(all.map { ($0.name, $0.value) })
        labelMarks = TextMarks(
            unsafe: all.filter(\.value.isUnsafe).map { "/labels/\($0.name.pointerToken)" }
        )
        let query = host.tagLayout == .engine ? host.host.uri.writtenQuery : nil
        uriTail = query.map { "?\($0)" } ?? ""
    }

    /// The record of a report; `nil` when it has none, or when the host's filter or its choice of domains keeps it back.
    func record(of report: HostReport) -> SpoolRecord? {
        switch report.body {
        case .event(let event):
            guard let tag = tag(of: event.kind, uri: report.uri), admits(event, in: report) else { return nil }
            let uri = uriTail.isEmpty ? report.uri : report.uri + uriTail
            let fields = EventMapping.fields(of: event, uri: uri)
            let unstamped = unstamped(tag, fields, marks: event.marks, of: report)
            return SpoolRecord(
                time: report.observed.microseconds,
                host: report.host,
                object: event.kind.object.rawValue,
                kind: event.kind.name,
                subject: event.subject.key,
                key: event.kind == .lifecycle(of: event.kind.object) ? event.subject.objectKey.description : "",
                level: event.level,
                bytes: unstamped.bytes
            )
        case .up(let facts): return record(of: report, .up(facts, uri: report.uri))
        case .down(let facts): return record(of: report, .down(facts, uri: report.uri))
        case .paused(let pause): return record(of: report, .paused(pause))
        case .resumed(let who): return record(of: report, .resumed(by: who))
        case .certificate(let notice): return record(of: report, .certificate(notice))
        case .gap(let gap): return record(of: report, .gap(gap))
        case .degraded(let degradation): return record(of: report, .degraded(degradation))
        case .recovered(let degradation): return record(of: report, .recovered(degradation))
        case .flapping(let flapping): return record(of: report, .flapping(flapping))
        case .state: return nil
        }
    }

    private func admits(_ event: HostEvent, in report: HostReport) -> Bool {
        guard isChoosing, case .domain(let name, _, _) = event.subject else { return true }
        return choice.withLock { $0.admits(event, named: name, in: report) }
    }

    /// Goes on in the place of another channel of the host, through which nothing comes any more.
    ///
    /// - Returns: What of its domains that one had kept back and this one wants; `nil` = nothing.
    func follow(_ former: HostChannel) -> Lost? {
        let former = former.choice.withLock { $0 }
        return choice.withLock { $0.follow(former) }
    }

    /// What the connection says may be no URI; the event goes out all the same, under the host's name.
    private func tag(of kind: EventKind, uri: String) -> Tag? {
        guard isPlacedByLibvirt, let uri = try? LibvirtURI(uri) else { return tags[kind] }
        return (try? Tag("\(host.tagPrefix)/\(uri.engineSegments)/\(kind.path)")) ?? tags[kind]
    }

    private func record(of report: HostReport, _ own: OwnEvent) -> SpoolRecord? {
        guard host.filter.wants(host: own.name.rawValue), let tag = ownTags[own.name.rawValue] else { return nil }
        var inspection = TextInspection()
        let fields = [DataField("event", .string(own.name.rawValue))] + inspection.look(through: own.fields)
        let unstamped = unstamped(tag, fields, marks: inspection.marks, of: report)
        return SpoolRecord(
            time: report.observed.microseconds,
            host: report.host,
            object: "host",
            kind: own.name.rawValue,
            subject: "",
            bytes: unstamped.bytes
        )
    }

    /// Adds to an event's own data what every event has: `host`, `labels`, `relay`.
    private func unstamped(
        _ tag: Tag,
        _ fields: [DataField],
        marks: TextMarks,
        of report: HostReport
    ) -> UnstampedEvent {
        UnstampedEvent(tag: tag, entries: fields.count + (labels == nil ? 2 : 3)) { encoder in
            for field in fields {
                encoder.string(field.key)
                encoder.value(field.value)
            }
            encoder.string("host")
            encoder.string(report.host)
            if let labels {
                encoder.string("labels")
                encoder.value(labels)
            }
            RelayEnvelope(
                instance: instance,
                host: report.host,
                sequence: report.sequence,
                observed: report.observed,
                hostUUID: report.hostUUID,
                synthetic: report.synthetic,
                marks: marks + labelMarks
            )
            .encode(into: &encoder)
        }
    }
}
