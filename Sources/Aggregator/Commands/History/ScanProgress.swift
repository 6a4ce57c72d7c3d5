/// How far a long look through the spool is, on a terminal alone: one line, written over, and gone at the end.
final class ScanProgress {
    private let what: String
    private let isShown: Bool
    private let now: () -> ContinuousClock.Instant
    private var next: ContinuousClock.Instant
    private var hasLine = false

    /// - Parameter what: What is under way.
    init(
        _ what: String,
        isShown: Bool = StandardError.isTerminal,
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        self.what = what
        self.isShown = isShown
        self.now = now
        // Most are over before anybody wonders.
        next = now() + .milliseconds(500)
    }

    /// Shows how far it is, from 0 to 1; at most five times a second.
    func show(_ share: Double) {
        guard isShown, now() >= next else { return }
        next = now() + .milliseconds(200)
        hasLine = true
        StandardError.write("\r\(what): \(Int(min(1, max(0, share)) * 100)) %\u{1B}[K")
    }

    /// Takes the line away again, before anything else is written.
    func clear() {
        guard hasLine else { return }
        hasLine = false
        StandardError.write("\r\u{1B}[K")
    }
}
