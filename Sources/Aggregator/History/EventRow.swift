internal import Connections
internal import SaltBus
internal import Spool

/// A kept event as it is shown: a row of a table, or a line of JSON.
struct EventRow {
    static let head = ["TIME", "HOST", "OBJECT", "EVENT", "SUBJECT", "DETAIL"]

    /// How many characters the short detail has at most.
    private static let detailLimit = 100

    /// What stands in columns of its own, or is the same for every event of a host.
    private static let elsewhere: Set = ["uri", "event", "host", "labels", "relay", "_stamp"]

    let event: KeptEvent

    /// The tag and the data; `nil` for bytes that are no event.
    private let content: (tag: String, data: MessagePackValue)?

    init(_ event: KeptEvent) {
        self.event = event
        content = try? UnstampedEvent(bytes: event.bytes).decoded()
    }

    /// As a row of a table; of those that can never be sent the detail is why.
    var cells: [String] {
        [
            Timestamp(microseconds: event.time).millisecondText, event.host.isEmpty ? "-" : event.host, event.object,
            content?.data["event"]?.plainText ?? event.kind, event.subject.isEmpty ? "-" : event.subject,
            event.dead.map { "never sent: \($0.reason)" } ?? detail,
        ]
        .map(\.printable)
    }

    /// As a line of JSON: its position, and what goes to the bus, but for the `_stamp` that it gets there.
    var json: String {
        var fields = [DataField("position", .int(event.position))]
        if let dead = event.dead {
            fields.append(
                DataField(
                    "dead",
                    .fields([
                        DataField("time", .string(Timestamp(microseconds: dead.time).iso8601)),
                        DataField("reason", .string(dead.reason)),
                    ])
                )
            )
        }
        if let content {
            fields += [DataField("tag", .string(content.tag)), DataField("data", content.data)]
        } else {
            fields.append(DataField("error", "the record holds no event"))
        }
        return OrderedJSON.text(of: .fields(fields))
    }

    /// What is the event's own: its detail, then what else is no map and no list.
    private var detail: String {
        guard case .map(let entries)? = content?.data else { return content == nil ? "holds no event" : "" }
        let parts = entries.compactMap { entry -> String? in
            guard case .string(let key) = entry.key, !Self.elsewhere.contains(key), let text = entry.value.plainText
            else { return nil }
            return key == "detail" ? text : "\(key)=\(text)"
        }
        let mark = content?.data["relay"]?["synthetic"].map { _ in "synthetic" }
        let text = (parts + [mark].compactMap(\.self)).joined(separator: " ").printable
        return text.count > Self.detailLimit ? text.prefix(Self.detailLimit - 1) + "…" : text
    }
}

extension MessagePackValue {
    /// A text or a number as it is read; `nil` for what has parts, for nothing, and for bytes.
    fileprivate var plainText: String? {
        switch self {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        default: nil
        }
    }
}

extension Timestamp {
    /// UTC to the millisecond, `2026-11-22T08:28:19.265Z`: of one width, so that columns of them line up.
    var millisecondText: String {
        let seconds = Timestamp(microseconds: microseconds - (microseconds % 1_000_000 + 1_000_000) % 1_000_000)
        let milliseconds = (microseconds - seconds.microseconds) / 1000
        let digits = String(1000 + milliseconds).dropFirst()
        return seconds.iso8601.dropLast() + ".\(digits)Z"
    }
}
