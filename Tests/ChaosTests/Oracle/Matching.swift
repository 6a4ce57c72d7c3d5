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

    /// How long an event may be under way, and how long through a freeze that keepalive outlives.
    static let way = 1.0
    static let longestWay = 6.0

    /// By how much the direct listener is later than the service, as a rule.
    private static let lateness = 0.1

    /// For how long after a derived event the same one, heard, is not told once more.
    static let suppression = 5.0

    /// How long after the last callback was registered with a daemon that may be told.
    private static let registration = 0.2

    /// - Parameters:
    ///   - direct: What happened.
    ///   - heard: What the service told to have heard.
    ///   - derived: What it told without having heard it: an event that says the same at about that time is told with it.
    ///   - isSlow: Whether something held up what happened at the first time and was told at the second.
    init(
        direct: [DirectEvent],
        heard: [BusLife],
        derived: [BusLife] = [],
        isSlow: (Date, Date) -> Bool = { _, _ in false }
    ) {
        let happened = Dictionary(grouping: direct, by: Word.init)
        let told = Dictionary(grouping: heard.filter { !$0.name.hasPrefix(Ears.proof) }, by: Word.init)
        for word in Set(happened.keys).union(told.keys) {
            pair(happened[word] ?? [], told[word] ?? [], isSlow)
        }
        let known = Dictionary(grouping: derived, by: Word.init)
        missed.removeAll { event in
            known[Word(event)]?.contains { life in
                // One that came before hearing was back is missed, and for a gap to cover.
                event.at >= (life.heardFrom ?? life.observed).addingTimeInterval(-Self.registration)
                    && event.at <= life.observed.addingTimeInterval(Self.suppression)
            } ?? false
        }
        missed.sort { $0.at < $1.at }
        unheard.sort { $0.observed < $1.observed }
    }

    /// Each one on the bus is the last that had happened by then: from the end on, so that what comes late finds its own.
    private mutating func pair(_ happened: [DirectEvent], _ told: [BusLife], _ isSlow: (Date, Date) -> Bool) {
        var left = happened.sorted { $0.at < $1.at }
        var strangers: [BusLife] = []
        for life in told.sorted(by: { $0.observed > $1.observed }) {
            let latest = life.observed.addingTimeInterval(Self.lateness)
            let place = left.lastIndex { event in
                let way = isSlow(event.at, life.observed) ? Self.longestWay : Self.way
                return event.at <= latest && event.at >= life.observed.addingTimeInterval(-way)
            }
            if let place {
                left.remove(at: place)
            } else {
                strangers.append(life)
            }
        }
        // The direct listener itself may be late, on a machine that has much to do.
        for life in strangers {
            let latest = life.observed.addingTimeInterval(2 * Judgement.blur)
            if let place = left.firstIndex(where: { $0.at >= life.observed && $0.at <= latest }) {
                left.remove(at: place)
            } else {
                unheard.append(life)
            }
        }
        missed += left
    }
}
