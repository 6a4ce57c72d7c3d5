import Foundation
import TestSupport

/// What a subscriber saw of ours, each event once, in the order of first sight.
struct BusRecord: Sendable {
    static let prefix = "salt/engines/libvirt_events"

    private(set) var firsts: [BusEvent] = []
    /// Two events with one id, copies that somebody asked for aside.
    private(set) var duplicates: [String] = []

    init(_ events: [BusEvent]) {
        var known: [String: JSONValue] = [:]
        for event in events where event.tag.hasPrefix(Self.prefix) {
            guard event.data["relay"]?["replay"] != true else { continue }
            guard let id = event.data["relay"]?["id"]?.string else {
                duplicates.append("no relay.id: \(event)")
                continue
            }
            let content = Self.content(event)
            if let former = known.updateValue(content, forKey: id) {
                if former != content { duplicates.append("\(id): \(former) and \(content)") }
            } else {
                firsts.append(event)
            }
        }
    }

    /// What came of a host, without the head of its tags.
    func events(of host: String) -> [BusEvent] {
        let head = "\(Self.prefix)/\(host)/"
        return firsts.filter { $0.tag.hasPrefix(head) }.map {
            BusEvent(tag: String($0.tag.dropFirst(head.count)), data: $0.data)
        }
    }

    /// All but when it was sent.
    private static func content(_ event: BusEvent) -> JSONValue {
        var data = event.data.object ?? [:]
        data["_stamp"] = nil
        return .object(data.merging(["tag": .string(event.tag)]) { $1 })
    }
}
