internal import DequeModule

/// The lanes of a ``Backlog`` and whose turn it is.
struct Lanes: Sendable {
    /// The lane of all replays, whatever host they tell of.
    static let replays = 0

    private struct Lane: Sendable {
        /// Empty for the service's own.
        var host = ""

        /// In the order of their positions; the first is never a superseded one.
        var waiting: Deque<Backlog.Entry> = []
        var superseded = 0

        /// How many there were when there were most.
        var most = 0
        var out = 0

        /// The queue it stands in, and the number of its place there.
        var queue: Queue?
        var ticket: UInt32 = 0

        /// Where the record of this position is, or would be.
        func index(of position: Int64) -> Int {
            var (low, high) = (0, waiting.count)
            while low < high {
                let middle = (low + high) / 2
                if waiting[middle].position < position { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// Lets go of superseded records at the front, of all when they are more than half, and of the room of many.
        mutating func trim() {
            if waiting.isEmpty, most > 4_096 { (waiting, most) = ([], 0) }
            guard superseded > 0 else { return }
            while waiting.first?.isSuperseded == true {
                waiting.removeFirst()
                superseded -= 1
            }
            guard superseded > 64, superseded > waiting.count / 2 else { return }
            waiting.removeAll(where: \.isSuperseded)
            superseded = 0
        }
    }

    private enum Queue: Int, CaseIterable {
        case urgent, ordinary, replay

        /// Of five turns one is the others', of 25 one the replays'; who has nothing to send passes the turn on.
        static func order(of turn: Int) -> [Queue] {
            if turn % 25 == 0 { return replaysFirst }
            return turn % 5 == 0 ? ordinaryFirst : urgentFirst
        }

        private static let urgentFirst: [Queue] = [.urgent, .ordinary, .replay]
        private static let ordinaryFirst: [Queue] = [.ordinary, .urgent, .replay]
        private static let replaysFirst: [Queue] = [.replay, .ordinary, .urgent]
    }

    /// A place in a queue; moot once the lane has a newer ticket.
    private struct Place {
        let lane: Int
        let ticket: UInt32
    }

    /// Hosts of a fleet; beyond that lanes of hosts that have gone are used again.
    private static let usual = 10_000

    private var lanes = [Lane()]
    private var indices: [String: Int] = [:]
    private var free: [Int] = []
    private var reclaimAt = Lanes.usual

    /// The host asked for last: it is often the next one, too.
    private var last: (host: String, index: Int)?

    /// How many were removed of each host, replays aside.
    private(set) var removed: [String: Int] = [:]
    private var queues = Queue.allCases.map { _ in Deque<Place>() }
    private var turn = 0

    /// Whether a lane with a record out has no turn.
    ///
    /// To be changed while none is out.
    var isOnePerHost = false

    /// Up to here records that are not at hand cannot be read: a lane whose next one is such has no turn.
    var unread: Int64 = 0 {
        didSet { if unread != oldValue { lanes.indices.forEach { queue($0) } } }
    }

    /// How many records of a lane may be out; one that has so many has no turn.
    private let share: Int

    init(share: Int) {
        self.share = share
    }

    /// The lane of a host.
    mutating func index(of host: String) -> Int {
        if let last, last.host == host { return last.index }
        let index = indices[host] ?? makeLane(for: host)
        last = (host, index)
        return index
    }

    mutating func append(_ entry: Backlog.Entry, to index: Int) {
        lanes[index].waiting.append(entry)
        lanes[index].most = max(lanes[index].most, lanes[index].waiting.count)
        queue(index)
    }

    /// Puts a record that was out back to the front.
    mutating func prepend(_ entry: Backlog.Entry, to index: Int) {
        lanes[index].waiting.prepend(entry)
    }

    /// The lane whose turn it is.
    mutating func takeTurn() -> Int? {
        turn &+= 1
        for queue in Queue.order(of: turn) {
            while let place = queues[queue.rawValue].popFirst() {
                guard lanes[place.lane].ticket == place.ticket else { continue }
                lanes[place.lane].queue = nil
                return place.lane
            }
        }
        return nil
    }

    /// The first record of a lane, which is out from now on; the lane goes to the end of its queue.
    mutating func popFirst(of index: Int) -> Backlog.Entry? {
        guard let entry = lanes[index].waiting.popFirst() else { return nil }
        lanes[index].trim()
        lanes[index].out += 1
        queue(index)
        return entry
    }

    /// A record of the lane is not out any more.
    mutating func came(back index: Int) {
        lanes[index].out -= 1
        queue(index)
    }

    /// A record of the lane that was out is gone.
    mutating func lost(of index: Int) {
        if index != Self.replays { removed[lanes[index].host, default: 0] += 1 }
    }

    /// Takes a waiting record's turn away.
    ///
    /// - Returns: What it was; `nil` if it does not wait.
    mutating func supersede(_ position: Int64, in index: Int) -> Backlog.Entry? {
        let place = lanes[index].index(of: position)
        guard place < lanes[index].waiting.count, lanes[index].waiting[place].position == position else { return nil }
        let entry = lanes[index].waiting[place]
        lanes[index].waiting[place].isSuperseded = true
        lanes[index].waiting[place].bytes = nil
        lanes[index].superseded += 1
        lanes[index].trim()
        queue(index)
        return entry
    }

    /// Removes the waiting records in a range of positions, and gives those that were not superseded.
    ///
    /// - Parameter keepsAtHand: Whether those stay that are at hand. The default is `false`.
    mutating func remove(_ range: ClosedRange<Int64>, keepsAtHand: Bool = false) -> [Backlog.Entry] {
        var removed: [Backlog.Entry] = []
        for index in lanes.indices {
            guard let first = lanes[index].waiting.first, first.position <= range.upperBound else { continue }
            let before = removed.count
            let places = lanes[index].index(of: range.lowerBound)..<lanes[index].index(of: range.upperBound + 1)
            var kept: [Backlog.Entry] = []
            for place in places {
                let entry = lanes[index].waiting[place]
                if entry.isSuperseded {
                    lanes[index].superseded -= 1
                } else if keepsAtHand, entry.bytes != nil {
                    kept.append(entry)
                } else {
                    removed.append(entry)
                }
            }
            lanes[index].waiting.replaceSubrange(places, with: kept)
            let (host, count) = (lanes[index].host, removed.count - before)
            if index != Self.replays, count > 0 { self.removed[host, default: 0] += count }
            lanes[index].trim()
            queue(index)
        }
        return removed
    }

    /// Puts a lane where it belongs, at the end, unless it is there.
    private mutating func queue(_ index: Int) {
        var wanted: Queue?
        if lanes[index].out < (isOnePerHost ? 1 : share), let first = lanes[index].waiting.first,
            first.bytes != nil || first.position > unread
        {
            wanted = index == Self.replays ? .replay : first.isUrgent ? .urgent : .ordinary
        }
        guard wanted != lanes[index].queue else { return }
        lanes[index].queue = wanted
        lanes[index].ticket &+= 1
        guard let wanted else { return }
        queues[wanted.rawValue].append(Place(lane: index, ticket: lanes[index].ticket))
        guard queues[wanted.rawValue].count > 2 * lanes.count + 64 else { return }
        queues[wanted.rawValue].removeAll { [lanes] in lanes[$0.lane].ticket != $0.ticket }
    }

    private mutating func makeLane(for host: String) -> Int {
        if indices.count >= reclaimAt { reclaim() }
        if free.isEmpty {
            free.append(lanes.count)
            lanes.append(Lane())
        }
        let index = free.removeLast()
        lanes[index].host = host
        indices[host] = index
        return index
    }

    /// Frees the lanes of hosts that nothing is known of: names come and go with the inventory.
    private mutating func reclaim() {
        let idle = indices.filter { lanes[$0.value].waiting.isEmpty && lanes[$0.value].out == 0 }
        for (host, index) in idle {
            indices[host] = nil
            free.append(index)
        }
        last = nil
        reclaimAt = max(Self.usual, 2 * indices.count)
    }
}
