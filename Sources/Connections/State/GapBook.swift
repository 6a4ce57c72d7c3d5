/// The gaps of a host that are not told yet, by class.
///
/// A gap is opened when hearing ends, gets its end when hearing resumes, and is told when what was missed has been made up
/// for, and never before: one for all classes, unless one keeps the others waiting. A value without a clock.
struct GapBook: Sendable {
    /// How long the others wait once a first class is listed, and how long a listing keeps the host's last proof waiting.
    static let courtesy = Duration.seconds(10)
    static let patience = Duration.seconds(60)

    private struct Open: Sendable {
        var from: Timestamp

        /// `nil` = what the evidence says.
        var cause: GapCause?
        var to: Timestamp?
        var isListed = false
        var isSettled = false
        var synthesised = 0

        /// Whether the class cannot be heard, or compared, though the host can.
        var isAway = false

        /// Whether what was missed is made up for as far as it will be soon.
        var isCompared: Bool { isListed || isSettled }

        var isWaiting: Bool { to != nil && !isAway }
    }

    private var open: [EventKind.Object: Open] = [:]

    /// The end of the last gap of each class, for what is made up late.
    private var told: [EventKind.Object: Synthesis] = [:]

    /// When the oldest waiting began, and when the first class of it was listed.
    private var resumed: Duration?
    private var firstListed: Duration?

    /// Where the earliest gap begins that is not told yet, without those of classes that are away.
    var earliest: Timestamp? { open.values.filter { !$0.isAway }.map(\.from).min() }

    /// Where the gaps of classes begin that cannot be heard, or compared, though the host can.
    var away: [EventKind.Object: Timestamp] { open.filter(\.value.isAway).mapValues(\.from) }

    /// Where the gap of a class begins that is not told yet.
    func beginning(of object: EventKind.Object) -> Timestamp? { open[object]?.from }

    /// Nothing is heard of these classes, or not everything; a gap that is open already goes on.
    mutating func open(_ classes: some Sequence<EventKind.Object>, from moment: Timestamp, cause: GapCause? = nil) {
        for object in classes {
            if let former = open[object] {
                open[object] = Open(
                    from: min(former.from, moment),
                    // What came upon it does not change why it began.
                    cause: former.cause,
                    synthesised: former.synthesised,
                    isAway: former.isAway
                )
            } else {
                open[object] = Open(from: moment, cause: cause)
            }
        }
        forgetTimesIfIdle()
    }

    private mutating func forgetTimesIfIdle() {
        if !open.values.contains(where: \.isWaiting) { (resumed, firstListed) = (nil, nil) }
    }

    /// What the evidence said so far is what it was, for gaps that go on.
    mutating func settle(cause: GapCause) {
        for object in open.keys where open[object]?.to != nil && open[object]?.cause == nil {
            open[object]?.cause = cause
        }
    }

    /// A class is heard again.
    ///
    /// - Parameters:
    ///   - isListed: Whether it is going to be listed.
    ///   - silence: For how long it was not, as far as that is known by a clock that nobody sets. The default is not at all.
    mutating func resumed(
        _ object: EventKind.Object,
        isListed: Bool,
        at moment: Timestamp,
        now: Duration,
        after silence: Duration = .zero
    ) {
        guard let gap = open[object], gap.to == nil else { return }
        open[object]?.to = moment
        // The clock may have been set back.
        if moment < gap.from { open[object]?.from = moment + (.zero - silence) }
        open[object]?.isSettled = !isListed
        open[object]?.isAway = false
        if resumed == nil { resumed = now }
    }

    /// The host is heard and the class is not, perhaps for days: its gap, if there is one, goes on by itself.
    mutating func isAway(_ object: EventKind.Object) {
        open[object]?.isAway = true
        open[object]?.to = nil
        forgetTimesIfIdle()
    }

    /// Classes that nobody waits for any longer, each of them once: whatever keeps one from being listed may last for days.
    ///
    /// Its gap goes on by itself, and is told when it is compared.
    mutating func overdue(now: Duration) -> [EventKind.Object] {
        guard let resumed, now >= resumed + Self.patience else { return [] }
        let late = open.filter { $0.value.isWaiting && !$0.value.isCompared }
        for object in late.keys { open[object]?.isAway = true }
        forgetTimesIfIdle()
        return EventKind.Object.allCases.filter { late[$0] != nil }
    }

    /// Nobody wants to hear of a class any more.
    mutating func forget(_ object: EventKind.Object) {
        open[object] = nil
        told[object] = nil
    }

    /// A listing of a class is complete.
    ///
    /// - Parameters:
    ///   - synthesised: How many events were made up.
    ///   - isSettled: Whether none of its objects has to be looked at again.
    mutating func listed(_ object: EventKind.Object, synthesised: Int, isSettled: Bool, now: Duration) {
        guard open[object]?.to != nil else { return }
        open[object]?.synthesised += synthesised
        open[object]?.isListed = true
        open[object]?.isAway = false
        if resumed == nil { resumed = now }
        if isSettled { open[object]?.isSettled = true }
        if firstListed == nil { firstListed = now }
    }

    /// What was told of a class was another hypervisor's.
    mutating func hasChanged(_ object: EventKind.Object) {
        open[object]?.cause = .changed
    }

    /// Events of a class were made up beside a listing.
    mutating func made(_ count: Int, of object: EventKind.Object) {
        open[object]?.synthesised += count
    }

    /// There is nothing to be listed of a class, and so nothing to be compared: once it is heard, its gap is over.
    mutating func hasNothing(_ object: EventKind.Object, now: Duration) {
        open[object]?.isSettled = true
        guard open[object]?.to != nil else { return }
        open[object]?.isAway = false
        if resumed == nil { resumed = now }
    }

    /// What marks an event of a class that is made up now; `nil` when there was no gap.
    func synthesis(of object: EventKind.Object) -> Synthesis? {
        guard let gap = open[object], let to = gap.to else { return told[object] }
        return Synthesis(gap.cause == .audit ? .audit : .resync, from: gap.from, to: to)
    }

    /// The gaps that are to be told now; they are told then.
    ///
    /// - Parameter cause: What the evidence says.
    mutating func due(cause: GapCause, now: Duration) -> [HostGap] {
        let waiting = open.filter(\.value.isWaiting)
        let isLate = firstListed.map { now >= $0 + Self.courtesy } ?? false
        let isOver = resumed.map { now >= $0 + Self.patience } ?? false
        let isWhole = waiting.values.allSatisfy(\.isSettled)
        let ready = waiting.filter { isWhole || (isLate || isOver) && $0.value.isCompared }
        for object in ready.keys {
            told[object] = synthesis(of: object)
            open[object] = nil
        }
        forgetTimesIfIdle()
        return Self.gaps(of: ready, cause)
    }

    /// How long until ``due(cause:now:)`` may have more to tell, whatever happens; `nil` = nothing waits.
    func wait(now: Duration) -> Duration? {
        guard let resumed, open.values.contains(where: \.isWaiting) else { return nil }
        let over = resumed + Self.patience
        let late = firstListed.map { $0 + Self.courtesy }.flatMap { $0 > now ? $0 : nil }
        return max(.zero, min(over, late ?? over) - now)
    }

    /// One gap for all classes that have a beginning, an end and a cause in common; the earliest first.
    private static func gaps(of ready: [EventKind.Object: Open], _ cause: GapCause) -> [HostGap] {
        struct Span: Hashable {
            let from, to: Timestamp
            let cause: GapCause
        }
        let spans = Dictionary(grouping: ready.keys) { object in
            ready[object].flatMap { gap in gap.to.map { Span(from: gap.from, to: $0, cause: gap.cause ?? cause) } }
        }
        return spans.compactMap { span, objects -> HostGap? in
            span.map { span in
                HostGap(
                    from: span.from,
                    to: span.to,
                    classes: EventKind.Object.allCases.filter(objects.contains),
                    cause: span.cause,
                    synthesised: objects.reduce(0) { $0 + (ready[$1]?.synthesised ?? 0) }
                )
            }
        }
        .sorted { ($0.from, $0.to, $0.cause.rawValue) < ($1.from, $1.to, $1.cause.rawValue) }
    }
}
