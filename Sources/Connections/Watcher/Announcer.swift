/// Decides what the bus is told of a host's ups and downs, and when.
///
/// The host's state is one thing, what was said of it another: an outage within the grace is not told at all, while the
/// host flaps neither up nor down is, and during a pause nothing is. What still holds when the grace, the flapping or the
/// pause is over is said then, so nobody is left with a host that looks fine and is not. A value without a clock: the
/// watcher tells it when time is up.
struct Announcer: Sendable {
    enum Word: Hashable, Sendable {
        case up(HostUp)
        case down(HostDown)
        case flapping(HostFlapping)
        case degraded(HostDegradation)
        /// Only after the same doubt's ``degraded``, and always then.
        case recovered(HostDegradation)
    }

    private enum Said: Hashable {
        case nothing, up
        case down(DownReason)
    }

    /// How the host is.
    private enum State {
        case up(HostUp)
        case down(HostDown)
    }

    private var said = Said.nothing
    private var state: State?
    private var isWithinGrace = false
    private(set) var isPaused: Bool

    /// Set while the host flaps, and whether that was said.
    private var flapping: (HostFlapping, isSaid: Bool)?

    /// What is in doubt, and whether that was said.
    private var doubts: [HostDegradation.Doubt: (degradation: HostDegradation, isSaid: Bool)] = [:]

    init(isPaused: Bool = false) {
        self.isPaused = isPaused
    }

    /// Whether the host is in an outage that has not been told because it may be a short one.
    var isWaiting: Bool {
        if case .down = state { isWithinGrace } else { false }
    }

    mutating func up(_ up: HostUp) -> Word? {
        state = .up(up)
        isWithinGrace = false
        return speak()
    }

    /// The host is down, or down for another reason.
    ///
    /// - Parameter grace: How long an outage may last unsaid; once it begins, the caller is to call ``graceIsOver()``
    ///   after that time. See ``isWaiting``.
    mutating func down(_ down: HostDown, grace: Duration) -> Word? {
        if case .down = state {} else { isWithinGrace = grace > .zero }
        state = .down(down)
        return speak()
    }

    mutating func graceIsOver() -> Word? {
        isWithinGrace = false
        return speak()
    }

    mutating func paused() {
        isPaused = true
    }

    mutating func resumed() -> [Word] {
        isPaused = false
        let word = sayFlapping() ?? speak()
        return (word.map { [$0] } ?? []) + HostDegradation.Doubt.all.compactMap { sayDoubt($0) }
    }

    // MARK: - Flapping

    /// The host flaps from now on.
    mutating func flaps(_ flapping: HostFlapping) -> Word? {
        self.flapping = (flapping, isSaid: false)
        return sayFlapping()
    }

    /// It does not any more; what holds is said, whatever was said before.
    mutating func calmedDown() -> Word? {
        if flapping?.isSaid == true { said = .nothing }
        flapping = nil
        return speak()
    }

    private mutating func sayFlapping() -> Word? {
        guard !isPaused, let (word, isSaid) = flapping, !isSaid else { return nil }
        flapping = (word, isSaid: true)
        return .flapping(word)
    }

    // MARK: - Doubts

    mutating func degraded(_ degradation: HostDegradation) -> Word? {
        guard doubts[degradation.doubt] == nil else { return nil }
        doubts[degradation.doubt] = (degradation, isSaid: false)
        return sayDoubt(degradation.doubt)
    }

    /// - Parameter age: How long the doubt lasted.
    mutating func recovered(_ doubt: HostDegradation.Doubt, age: Duration) -> Word? {
        guard doubts.removeValue(forKey: doubt)?.isSaid == true else { return nil }
        return .recovered(HostDegradation(doubt, age: age))
    }

    private mutating func sayDoubt(_ doubt: HostDegradation.Doubt) -> Word? {
        guard !isPaused, let (word, isSaid) = doubts[doubt], !isSaid else { return nil }
        doubts[doubt]?.isSaid = true
        return .degraded(word)
    }

    /// What was said has not reached anybody: it is said again where it still holds, now or when it would have been.
    ///
    /// - Parameters:
    ///   - isHostLost: Whether the last word on the host's ups, downs and flapping is among it.
    ///   - lost: Doubts that are among it.
    mutating func retell(isHostLost: Bool, _ lost: Set<HostDegradation.Doubt> = []) -> [Word] {
        if isHostLost {
            said = .nothing
            flapping?.isSaid = false
        }
        for doubt in lost { doubts[doubt]?.isSaid = false }
        let word = isHostLost ? sayFlapping() ?? speak() : nil
        return (word.map { [$0] } ?? []) + HostDegradation.Doubt.all.filter(lost.contains).compactMap { sayDoubt($0) }
    }

    // MARK: - Ups and downs

    /// What has to be said now, if anything.
    private mutating func speak() -> Word? {
        guard !isPaused, flapping == nil, let state else { return nil }
        switch state {
        case .up(let up): return say(.up, .up(up))
        case .down where isWithinGrace: return nil
        case .down(let down): return say(.down(down.reason), .down(down))
        }
    }

    private mutating func say(_ new: Said, _ word: Word) -> Word? {
        guard new != said else { return nil }
        said = new
        return word
    }
}

extension HostDegradation.Doubt {
    fileprivate static let all: [Self] = [.probe] + EventKind.Object.allCases.map { .audit($0) }
}
