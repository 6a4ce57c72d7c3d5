/// When one class of a connection's objects is listed: at first, again after a failure, and again for objects that were
/// on the move.
///
/// A value without a clock: the watcher tells it what happened, and it says after how long to list next.
struct ListingPlan: Sendable {
    /// How often the moving objects are looked at again: 1, 2, 4, 8, 16, 32 s after.
    private static let lookLimit = 6

    /// A listing that is being made.
    struct UnderWay: Sendable {
        let began: Timestamp

        /// Objects of which events came meanwhile.
        fileprivate(set) var touched: Set<ObjectKey> = []
    }

    private(set) var underWay: UnderWay?

    /// Objects that no listing of this connection has settled; `nil` before the first one.
    private var unsettled: Set<ObjectKey>?
    private var looks = 0

    /// Objects of which events came before that.
    private var heard: Set<ObjectKey> = []
    private var backoff = Backoff(base: .seconds(2), cap: .seconds(300))

    /// The driver has no such class.
    private(set) var isUnsupported = false

    /// Whether the last listing failed.
    private(set) var isFailing = false

    /// How many listings in a row the host has refused; one that too many events ran over is none of them.
    private var refusals = 0

    /// Whether the host refuses to list the class: twice is no accident.
    var isRefused: Bool { refusals > 1 && !isUnsupported }

    /// Whether a complete listing of this connection stands, and no other is under way.
    var isComplete: Bool { unsettled != nil && underWay == nil && !isFailing && !isUnsupported }

    mutating func began(at moment: Timestamp) {
        underWay = UnderWay(began: moment)
    }

    /// An event came about an object.
    mutating func touched(_ key: ObjectKey) {
        // Bounded like the state itself: who floods us while we list gets another listing.
        guard let count = underWay?.touched.count, count <= HostState.limit else { return }
        underWay?.touched.insert(key)
    }

    /// Whether a listing of this connection was complete.
    var isListed: Bool { unsettled != nil }

    /// An event came about an object.
    ///
    /// - Returns: Whether it is the first one of the object, before the first listing is complete.
    mutating func isFirst(_ key: ObjectKey) -> Bool {
        guard !isListed, heard.count < HostState.limit else { return false }
        return heard.insert(key).inserted
    }

    /// Whether so much went on during the listing that it says nothing.
    var isOverrun: Bool { (underWay?.touched.count ?? 0) > HostState.limit }

    /// The listing is complete.
    ///
    /// - Parameter moving: Objects that it does not settle.
    /// - Returns: After how long to list again; `nil` = there is no need.
    mutating func completed(moving: Set<ObjectKey>) -> Duration? {
        underWay = nil
        isFailing = false
        refusals = 0
        backoff.reset()
        let open = unsettled?.intersection(moving) ?? moving
        unsettled = open
        heard = []
        guard !open.isEmpty, looks < Self.lookLimit else { return nil }
        defer { looks += 1 }
        return .seconds(1 << looks)
    }

    /// The listing failed.
    ///
    /// - Returns: After how long to try again; `nil` = it is of no use.
    mutating func failed(_ failure: ListingFailure, using random: inout some RandomNumberGenerator) -> Duration? {
        if !isOverrun { refusals += 1 }
        underWay = nil
        isFailing = true
        isUnsupported = failure.isUnsupported
        // Not at once, however the dice fall: each is a line in the daemon's log.
        return isUnsupported ? nil : .seconds(1) + backoff.next(using: &random)
    }
}
