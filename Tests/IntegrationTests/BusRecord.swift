import TestSupport

/// What a subscriber saw of our events: each one's first occurrence, and what was odd about the rest.
struct BusRecord {
    /// In the order seen.
    private(set) var firsts: [BusEvent] = []
    private(set) var ids: Set<String> = []
    private(set) var repeats = 0

    /// First occurrences that are not the next of their host, repeats that differ from the first, ids that are none.
    private(set) var disorder: [String] = []

    /// Whether first occurrences were in order, though some may be missing.
    private(set) var isAscending = true

    init(_ events: [BusEvent]) {
        var last: [Substring: Int] = [:]
        var known: [String: JSONValue] = [:]
        for event in events where event.tag.hasPrefix(Bench.prefix) {
            guard let id = event.data["relay"]?["id"]?.string, let slash = id.lastIndex(of: "/"),
                let number = Int(id[id.index(after: slash)...])
            else {
                disorder.append("no id: \(event)")
                continue
            }
            guard ids.insert(id).inserted else {
                repeats += 1
                if known[id] != Self.unstamped(event) { disorder.append("another event with the same id: \(event)") }
                continue
            }
            known[id] = Self.unstamped(event)
            firsts.append(event)
            let before = last.updateValue(number, forKey: id[..<slash]) ?? 0
            if number <= before { isAscending = false }
            if number != before + 1 { disorder.append("\(id) after \(before)") }
        }
    }

    private static func unstamped(_ event: BusEvent) -> JSONValue {
        var data = event.data.object ?? [:]
        data["_stamp"] = nil
        return .object(data.merging(["tag": .string(event.tag)]) { $1 })
    }
}
