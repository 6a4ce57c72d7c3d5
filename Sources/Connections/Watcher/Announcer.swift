/// Decides what the bus is told of a host's ups and downs, and when.
///
/// The host's state is one thing, what was said of it another: an outage within the grace is not told at all, and during
/// a pause nothing is. What still holds when the grace or the pause is over is said then, so nobody is left with a host
/// that looks fine and is not. A value without a clock: the watcher tells it when time is up.
struct Announcer: Sendable {
    enum Word: Hashable, Sendable {
        case up(HostUp)
        case down(HostDown)
    }

    private enum Said: Hashable {
        case nothing, up
        case down(DownReason)
    }

    private var said = Said.nothing
    private var state: Word?
    private var isWithinGrace = false
    private(set) var isPaused: Bool

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

    mutating func resumed() -> Word? {
        isPaused = false
        return speak()
    }

    /// What has to be said now, if anything.
    private mutating func speak() -> Word? {
        guard !isPaused, let state else { return nil }
        let word: Said
        switch state {
        case .up: word = .up
        case .down where isWithinGrace: return nil
        case .down(let down): word = .down(down.reason)
        }
        guard word != said else { return nil }
        said = word
        return state
    }
}
