import TestSupport

/// What a subscriber saw of our events: each one's first occurrence, and what was odd about the rest.
struct BusRecord {
    /// In the order seen.
    private(set) var firsts: [BusEvent] = []

    /// Where in `firsts` each one is.
    private var places: [String: Int] = [:]
    private(set) var repeats = 0

    /// What only the other subscriber has heard so far.
    private(set) var missed: Set<String> = []

    /// First occurrences that are not the next of their host, repeats that differ from the first, ids that are none.
    private(set) var disorder: [String] = []

    /// Whether first occurrences were in order, though some may be missing.
    private(set) var isAscending = true

    var ids: Set<String> { Set(places.keys) }

    /// - Parameters:
    ///   - events: All that came, ours and others.
    ///   - others: What another subscriber heard. Whoever connects anew misses what a publisher that was only slow still
    ///     reads from the former connection in between; where the other one heard that in its place, it was in order, and
    ///     what comes later of it is a repeat. The default is none.
    init(_ events: [BusEvent], besides others: BusRecord? = nil) {
        var last: [Substring: Int] = [:]
        var known: [String: JSONValue] = [:]
        for event in events where event.tag.hasPrefix(Bench.prefix) {
            guard let id = event.data["relay"]?["id"]?.string, let slash = id.lastIndex(of: "/"),
                let number = Int(id[id.index(after: slash)...])
            else {
                disorder.append("no id: \(event)")
                continue
            }
            guard places[id] == nil else {
                repeats += 1
                missed.remove(id)
                if known[id] != Self.unstamped(event) { disorder.append("another event with the same id: \(event)") }
                continue
            }
            var before = last.updateValue(number, forKey: id[..<slash]) ?? 0
            while let heard = others?.event(id[...slash] + "\(before + 1)", before: id) {
                known[heard.id] = Self.unstamped(heard.event)
                add(heard.event, id: heard.id)
                missed.insert(heard.id)
                before += 1
            }
            known[id] = Self.unstamped(event)
            add(event, id: id)
            if number <= before { isAscending = false }
            if number != before + 1 { disorder.append("\(id) after \(before)") }
        }
    }

    private mutating func add(_ event: BusEvent, id: String) {
        places[id] = firsts.count
        firsts.append(event)
    }

    /// An event that was heard before another one.
    private func event(_ id: Substring, before other: String) -> (id: String, event: BusEvent)? {
        let id = String(id)
        guard let place = places[id], let end = places[other], place < end else { return nil }
        return (id, firsts[place])
    }

    private static func unstamped(_ event: BusEvent) -> JSONValue {
        var data = event.data.object ?? [:]
        data["_stamp"] = nil
        return .object(data.merging(["tag": .string(event.tag)]) { $1 })
    }
}
