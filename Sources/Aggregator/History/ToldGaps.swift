internal import Connections
internal import Foundation
internal import SaltBus
internal import Spool

/// What was not heard at a time, as `host/gap` told it later.
///
/// When a connection is lost its host is noted not to be heard; of a class alone that fell silent, and of what there was no
/// room for, only the gap tells.
struct ToldGaps {
    /// Which records are gaps.
    static let kind = SpoolSelection.Kind(
        object: OwnEvent.Object.host.rawValue,
        kind: OwnEvent.Name.gap.rawValue
    )

    /// The time that is meant.
    let moment: Timestamp

    /// By host and class, when the gap began in which that time lies.
    private(set) var beginnings: [String: [String: Timestamp]] = [:]

    init(at moment: Timestamp) {
        self.moment = moment
    }

    /// Takes in a record; what is no gap, or another time's, says nothing.
    mutating func add(_ event: KeptEvent) {
        guard let data = try? UnstampedEvent(bytes: event.bytes).decoded().data,
            let from = time(data["from"]), let to = time(data["to"]), from <= moment, moment < to,
            case .array(let classes)? = data["classes"]
        else { return }
        for case .string(let object) in classes {
            let former = beginnings[event.host]?[object] ?? from
            beginnings[event.host, default: [:]][object] = min(former, from)
        }
    }

    private func time(_ value: MessagePackValue?) -> Timestamp? {
        guard case .string(let text)? = value else { return nil }
        return try? Timestamp(text: text, now: moment, zone: .gmt)
    }
}
