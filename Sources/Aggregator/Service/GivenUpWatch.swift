/// Decides when what had to go before it was sent is told anew, and whether there was a loss at all.
///
/// On a disk that takes nothing the spool cannot be told what has reached the bus; what then has to go may have been there
/// long before. The sink's count of what it could not send tells. A value without a clock.
struct GivenUpWatch: Sendable {
    enum Next: Equatable {
        case wait
        case resync

        /// All of it had been sent.
        case nothingLost
    }

    /// While more than this waits for the bus, nothing is told anew: that would be more of the same.
    static let fewWaiting = 256

    /// Looks after which it is told anew, though it might turn out that nothing was lost.
    static let patience = 5

    /// What the sink had counted when nothing was found last; `nil` = what is found is of a former run.
    private var dropped: Int?
    private var looks = 0

    /// - Parameters:
    ///   - isFound: Whether the spool has noted that something had to go.
    ///   - before: How many records the sink had found gone, since the start, before that was looked at.
    ///   - dropped: How many it had found gone after it.
    ///   - waiting: How many waited for the bus then, or had not been looked at.
    mutating func look(isFound: Bool, before: Int, dropped: Int, waiting: Int) -> Next {
        guard isFound else {
            self.dropped = before
            looks = 0
            return .nothingLost
        }
        guard waiting <= Self.fewWaiting else { return .wait }
        looks += 1
        let isLost = self.dropped.map { dropped > $0 } ?? true
        // While some wait they may turn out to be among those that are gone.
        guard isLost || waiting == 0 || looks >= Self.patience else { return .wait }
        let next: Next = isLost || waiting > 0 ? .resync : .nothingLost
        self.dropped = before
        looks = 0
        return next
    }
}
