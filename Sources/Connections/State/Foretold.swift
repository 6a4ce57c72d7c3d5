/// Events that were made up a moment ago, and that libvirt may be about to tell itself: a listing overtakes what is on
/// its way.
///
/// A value without a clock. Bounded by the objects of a listing, and emptied by time.
struct Foretold: Sendable {
    /// How long libvirt's own word for it may take.
    static let patience = Duration.seconds(5)

    private struct Expected {
        var events: ArraySlice<HostEvent>
        let until: Duration
    }

    private var expected: [Lost.Object: Expected] = [:]

    /// When the last of it is over.
    private var end: Duration = .zero

    /// - Parameter events: Of one or more objects, each one's in order.
    mutating func add(_ events: [HostEvent], at now: Duration) {
        expire(at: now)
        end = now + Self.patience
        for (object, events) in Dictionary(grouping: events, by: Lost.Object.init) {
            expected[object] = Expected(events: Self.awaited(events), until: now + Self.patience)
        }
    }

    /// What libvirt may be about to tell of these.
    ///
    /// An object that has ended and started again may end again: that would look like the first end, and is to be told.
    private static func awaited(_ events: [HostEvent]) -> ArraySlice<HostEvent> {
        guard let start = events.lastIndex(where: { $0.word == "started" }),
            let end = events[..<start].lastIndex(where: { $0.word == "stopped" }),
            events[start].subject.stateName == events[end].subject.stateName
        else { return events[...] }
        return events[(end + 1)...]
    }

    /// Lets go of everything once it is over.
    mutating func expire(at now: Duration) {
        if !expected.isEmpty, now >= end { expected = [:] }
    }

    /// Whether an event says what was said already: the next ones of its object have that word and that name.
    ///
    /// The first event of an object that says anything else ends it.
    mutating func covers(_ event: HostEvent, at now: Duration) -> Bool {
        guard !expected.isEmpty else { return false }
        let object = Lost.Object(event)
        guard let entry = expected.removeValue(forKey: object), now < entry.until,
            let index = entry.events.firstIndex(where: { $0.tells(theSameAs: event) })
        else { return false }
        let rest = entry.events[(index + 1)...]
        if !rest.isEmpty { expected[object] = Expected(events: rest, until: entry.until) }
        return true
    }
}

extension Lost.Object {
    init(_ event: HostEvent) {
        self.init(event.kind.object, event.subject.objectKey)
    }
}

extension HostEvent {
    fileprivate var word: String? {
        guard case .lifecycle(let number, _) = payload else { return nil }
        return EventWords.lifecycle(kind.object)[number]
    }

    /// Whether both are of one step in one object's life; how it came about is not compared, nobody knew.
    fileprivate func tells(theSameAs other: HostEvent) -> Bool {
        guard case .lifecycle(let word, _) = payload, case .lifecycle(word, _) = other.payload else { return false }
        return kind == other.kind && subject.objectKey == other.subject.objectKey
            && subject.stateName == other.subject.stateName
    }
}
