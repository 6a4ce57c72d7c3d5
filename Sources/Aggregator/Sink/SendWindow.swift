internal import DequeModule

/// Which records are on the bus's side and not settled yet, and how many there may be.
///
/// The window halves when a session is lost and grows by one for each window settled: a master that was too slow gets
/// less.
struct SendWindow: Sendable {
    /// A record that is out.
    struct Sent: Sendable {
        let pick: Backlog.Pick

        /// When the bus was given it.
        let at: Duration
    }

    /// Bytes that may be out: 256 events of the largest size that the relay makes.
    static let byteLimit = 16 << 20

    private let limit: Int

    /// In the order sent.
    private var sent: Deque<Sent> = []
    private var bytes = 0
    private var settledSinceGrowth = 0

    /// How many may be out.
    private(set) var size: Int

    /// Whether one that was sent later has come back before the first.
    private(set) var isFirstPassed = false

    init(limit: Int) {
        self.limit = limit
        size = limit
    }

    /// How many more may be sent now.
    var room: Int { bytes < Self.byteLimit ? max(0, size - sent.count) : 0 }
    var count: Int { sent.count }
    var isEmpty: Bool { sent.isEmpty }

    /// The position of the one that was sent first.
    var first: Int64? { sent.first?.pick.position }

    mutating func send(_ pick: Backlog.Pick, at now: Duration) {
        sent.append(Sent(pick: pick, at: now))
        bytes += Int(pick.entry.size)
    }

    /// A record was seen on the bus, or will never be sent.
    ///
    /// - Returns: The record, if it was out.
    mutating func settle(_ position: Int64) -> Sent? {
        // Echoes come nearly always in the order sent: the first is the one.
        guard let index = sent.firstIndex(where: { $0.pick.position == position }) else { return nil }
        isFirstPassed = index != 0
        let settled = index == 0 ? sent.removeFirst() : sent.remove(at: index)
        bytes -= Int(settled.pick.entry.size)
        settledSinceGrowth += 1
        if settledSinceGrowth >= size {
            settledSinceGrowth = 0
            size = min(size + 1, limit)
        }
        return settled
    }

    /// The last ones could not be sent after all.
    ///
    /// - Returns: What they were, in order: it is to be sent again.
    mutating func takeBack(_ count: Int) -> [Backlog.Pick] {
        let back = sent.suffix(count).map(\.pick)
        sent.removeLast(back.count)
        bytes -= back.reduce(0) { $0 + Int($1.entry.size) }
        return back
    }

    /// The session is over.
    ///
    /// - Returns: What was out, in the order sent: it is to be sent again.
    mutating func lose() -> [Backlog.Pick] {
        let lost = sent.map(\.pick)
        sent.removeAll()
        bytes = 0
        isFirstPassed = false
        size = max(1, size / 2)
        settledSinceGrowth = 0
        return lost
    }
}
