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

        init(_ event: DirectEvent) {
            object = event.object
            name = event.name
            self.event = String(event.words.prefix { $0 != " " })
        }

        init(_ life: BusLife) {
            object = life.key.object
            name = life.name
            event = life.event
        }
    }

    /// How long an event may be under way: through a freeze that keepalive outlives.
    static let longestWay = 6.0

    /// For how long after a derived event the same one, heard, is not told once more.
    static let suppression = 5.0

    /// - Parameters:
    ///   - direct: What happened.
    ///   - heard: What the service told to have heard.
    ///   - derived: What it told without having heard it: an event that says the same at about that time is told with it.
    init(direct: [DirectEvent], heard: [BusLife], derived: [BusLife] = []) {
        let happened = Dictionary(grouping: direct, by: Word.init)
        let told = Dictionary(grouping: heard.filter { !$0.name.hasPrefix(Ears.proof) }, by: Word.init)
        for word in Set(happened.keys).union(told.keys) {
            pair(happened[word] ?? [], told[word] ?? [])
        }
        let known = Dictionary(grouping: derived, by: Word.init)
        missed.removeAll { event in
            known[Word(event)]?.contains { life in
                // One that came before hearing was back is missed, and for a gap to cover.
                event.at >= (life.heardFrom ?? life.observed).addingTimeInterval(-Judgement.blur)
                    && event.at <= life.observed.addingTimeInterval(Self.suppression)
            } ?? false
        }
        missed.sort { $0.at < $1.at }
        unheard.sort { $0.observed < $1.observed }
    }

    /// Each one on the bus is the last that had happened by then: from the end on, so that what comes late finds its own.
    private mutating func pair(_ happened: [DirectEvent], _ told: [BusLife]) {
        var left = happened.sorted { $0.at < $1.at }
        for life in told.sorted(by: { $0.observed > $1.observed }) {
            let latest = life.observed.addingTimeInterval(2 * Judgement.blur)
            if let place = left.lastIndex(where: { $0.at <= latest }),
                left[place].at >= life.observed.addingTimeInterval(-Self.longestWay)
            {
                missed += left[(place + 1)...]
                left = Array(left[..<place])
            } else {
                unheard.append(life)
            }
        }
        missed += left
    }
}
