internal import Connections

/// The pauses of hosts, watched or not: which are stored, and which of them the bus has been told of.
///
/// A value without a clock.
struct PauseBook: Sendable {
    /// For a host that is not in the inventory: how long a pause without an end goes on, and how long one that is over
    /// is remembered, so that its end is told when the host is back.
    static let memory = Duration.seconds(7 * 86_400)

    /// What there is to say of a host's pause.
    enum Word: Equatable, Sendable {
        case paused(Pause)
        case resumed(by: String)
    }

    /// As they are stored, by host.
    private(set) var stored: [String: Pause]

    /// The pause of which the bus was told last, of hosts that have no watcher just now.
    private var told: [String: Pause]

    /// Who ended a pause while nobody was there to tell it.
    private var resumers: [String: String] = [:]

    /// - Parameter stored: What a former run left; the bus has been told of it.
    init(_ stored: [String: Pause]) {
        self.stored = stored
        told = stored
    }

    /// A host gets a watcher.
    ///
    /// - Returns: What the bus was told last, which may be over by now, and what it has not been told yet.
    mutating func begin(_ name: String) -> (told: Pause?, word: Word?) {
        let told = told.removeValue(forKey: name)
        let resumer = resumers.removeValue(forKey: name)
        if let pause = stored[name] { return (told, pause == told ? nil : .paused(pause)) }
        return (told, told == nil ? nil : resumer.map { .resumed(by: $0) })
    }

    /// A host's watcher has ended.
    ///
    /// - Parameter pause: Of which it has told, and whose end it has not told.
    mutating func end(_ name: String, pause: Pause?) {
        told[name] = pause
    }

    /// These have been stored.
    mutating func store(_ pauses: [String: Pause]) {
        for name in stored.keys where pauses[name] != nil { resumers[name] = nil }
        stored = pauses
    }

    /// A host that has no watcher was resumed.
    mutating func resume(_ name: String, by who: String) {
        resumers[name] = who
    }

    /// What is known of a host that is gone, and of whose pause nobody will hear any more.
    mutating func forget(_ name: String) {
        told[name] = nil
        resumers[name] = nil
    }

    /// What is to be stored of a pause at a moment; `nil` = nothing.
    ///
    /// - Parameters:
    ///   - isWanted: Whether the host is in the inventory.
    ///   - isShown: Whether its watcher holds back because of a pause; `nil` = it has none.
    static func kept(_ pause: Pause, isWanted: Bool, isShown: Bool?, at now: Timestamp) -> Pause? {
        guard let until = pause.until else {
            return isWanted ? pause : Pause(by: pause.by, until: now + memory)
        }
        if now < until { return pause }
        // A watcher says that it is over; where there is none, the next one will.
        return isShown ?? (now < until + memory) ? pause : nil
    }
}
