import Foundation

/// Which of the events that happened were heard.
struct Matching: Sendable {
    private(set) var missed: [DirectEvent] = []
    /// Those on the bus, not derived, that the direct listener did not have.
    private(set) var unheard: [BusLife] = []

    private struct Word: Hashable {
        let object: ObjectClass
        let name: String
        let event: String
    }

    init(direct: [DirectEvent], heard: [BusLife]) {
        let happened = Dictionary(grouping: direct) { event in
            Word(object: event.object, name: event.name, event: String(event.words.prefix { $0 != " " }))
        }
        let told = Dictionary(grouping: heard.filter { !$0.name.hasPrefix(Ears.proof) }) { life in
            Word(object: life.key.object, name: life.name, event: life.event)
        }
        for word in Set(happened.keys).union(told.keys) {
            pair(happened[word] ?? [], told[word] ?? [])
        }
        missed.sort { $0.at < $1.at }
        unheard.sort { $0.observed < $1.observed }
    }

    /// Each one on the bus is the last that had happened by then: from the end on, so that what comes late finds its own.
    private mutating func pair(_ happened: [DirectEvent], _ told: [BusLife]) {
        var left = happened.sorted { $0.at < $1.at }
        for life in told.sorted(by: { $0.observed > $1.observed }) {
            let latest = life.observed.addingTimeInterval(2 * Judgement.blur)
            if let place = left.lastIndex(where: { $0.at <= latest }) {
                missed += left[(place + 1)...]
                left = Array(left[..<place])
            } else {
                unheard.append(life)
            }
        }
        missed += left
    }
}
