/// When pub is read while many echoes are awaited: not for each event, but for some together.
///
/// A master writes each event by itself, and to wake for each costs more than what it says. Reading waits for about
/// half of what is awaited, at the pace of late, so that the rest keeps the master busy meanwhile; never for so much that
/// pub has no room for it.
struct Gathering {
    /// Fewer may be all that a small window allows, or one event for each host: the next ones wait for these.
    private static let few = 32

    /// A UNIX socket takes 167 events of 300 to 600 bytes, others' among them, until the master has to wait.
    private static let most = 96

    private static let (shortest, longest) = (Duration.milliseconds(4), Duration.milliseconds(16))

    /// When pub was read last, and how many events had been seen after that.
    private var last: (instant: ContinuousClock.Instant, seen: Int)?

    /// What an event took of the time before that; nothing is known before the second reading.
    private var pace = Duration.zero

    /// Pub was read.
    ///
    /// - Parameters:
    ///   - instant: When that began.
    ///   - seen: The events seen so far, anybody's.
    mutating func read(at instant: ContinuousClock.Instant, seen: Int) {
        if let last {
            let elapsed = instant - last.instant
            // After a rest nothing is known.
            pace = elapsed > Self.longest * 2 ? .zero : elapsed / max(1, seen - last.seen)
        }
        last = (instant, seen)
    }

    /// How long pub is left alone from now on; nil if it is not.
    func left(awaited: Int, at now: ContinuousClock.Instant) -> Duration? {
        guard awaited >= Self.few, let last else { return nil }
        let wanted = min(awaited / 2, Self.most)
        let left = last.instant + min(max(pace * wanted, Self.shortest), Self.longest) - now
        return left > .zero ? left : nil
    }
}
