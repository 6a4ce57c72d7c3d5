/// Tells when something on the disk has changed and come to rest.
///
/// A file that is being written looks different at every look, so a change counts when two looks in a row agree on it.
struct ChangeDetector<Look: Equatable & Sendable>: Sendable {
    private var settled: Look?
    private var candidate: Look?

    /// - Parameter settled: How it looked before it was read; `nil` = the first look counts.
    init(settled: Look? = nil) {
        self.settled = settled
    }

    /// It was read, for whatever reason, after it had looked like this.
    mutating func read(after look: Look) {
        settled = look
        candidate = nil
    }

    /// - Returns: Whether it is time to read it.
    mutating func looked(_ look: Look) -> Bool {
        defer { candidate = look }
        return look != settled && look == candidate
    }
}
