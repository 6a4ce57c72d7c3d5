/// Tells when something on the disk has changed and come to rest.
///
/// A file that is being written looks different at every look, so a change counts when two looks in a row agree on it.
struct ChangeDetector<Look: Equatable & Sendable>: Sendable {
    /// How many looks an attempt to read it again waits for at most.
    static var longestWait: Int { 32 }

    private var settled: Look?
    private var candidate: Look?

    /// How many looks the next attempt waited for, and still waits for, after one that failed.
    private var wait = 0
    private var left = 0

    /// - Parameter settled: How it looked before it was read; `nil` = the first look counts.
    init(settled: Look? = nil) {
        self.settled = settled
    }

    /// It was read, for whatever reason, after it had looked like this.
    mutating func read(after look: Look) {
        settled = look
        candidate = nil
        wait = 0
    }

    /// It could not be read after it had looked like this, and may well be read when it looks the same: it is time again
    /// at the next look, then after two, four and so on.
    mutating func failed(after look: Look) {
        settled = nil
        candidate = look
        wait = min(max(1, wait * 2), Self.longestWait)
        left = wait
    }

    /// - Returns: Whether it is time to read it.
    mutating func looked(_ look: Look) -> Bool {
        defer { candidate = look }
        guard look == candidate else {
            (wait, left) = (0, 0)
            return false
        }
        left = max(0, left - 1)
        return look != settled && left == 0
    }
}
