/// Notices a host that is lost again and again, and when it has calmed down.
///
/// A value without a clock: the watcher tells it the time.
struct FlapDamper: Sendable {
    private let limit: FlapLimit

    /// When the host was lost, the latest last; no more than it takes.
    private var losses: [(at: Duration, moment: Timestamp)] = []

    /// Whether it flaps no more by its losses alone: what is lost every few minutes is told of, one by one.
    private var isRare = false

    /// When it last went up or down.
    private var changed: Duration = .zero

    /// Set while the host flaps: how often it was lost since it began to.
    private(set) var flapping: HostFlapping?

    init(_ limit: FlapLimit) {
        self.limit = limit
    }

    /// The host was up, and is lost.
    ///
    /// - Returns: Whether it flaps from now on.
    mutating func lost(at now: Duration, _ moment: Timestamp) -> Bool {
        changed = now
        losses.removeAll { now - $0.at >= limit.within }
        losses = losses.suffix(limit.count) + [(now, moment)]
        if let former = flapping {
            flapping = HostFlapping(count: former.count + 1, since: former.since)
            isRare = losses.count <= limit.count / 2
            return false
        }
        guard losses.count > limit.count, let first = losses.first else { return false }
        flapping = HostFlapping(count: losses.count, since: first.moment)
        return true
    }

    mutating func cameUp(at now: Duration) {
        changed = now
    }

    /// How long it must go on as it is to be calm; `nil` when it does not flap.
    ///
    /// Not at all when its last loss came with no more than half as many as the limit allows within its time.
    func calm(at now: Duration) -> Duration? {
        guard flapping != nil else { return nil }
        return isRare ? .zero : max(.zero, changed + limit.within - now)
    }

    /// It may have been calm for long enough.
    ///
    /// - Returns: Whether it has, and does not flap any more.
    mutating func calmIsDue(at now: Duration) -> Bool {
        guard calm(at: now) == .zero else { return false }
        flapping = nil
        losses = []
        isRare = false
        return true
    }
}
