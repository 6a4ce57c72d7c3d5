import Spool
import Testing

@testable import Aggregator

@Suite("Backlog")
struct BacklogTests {
    private var backlog = Backlog()

    private mutating func put(_ events: SpooledEvent...) {
        for event in events { #expect(add(event) == nil) }
    }

    private mutating func add(_ event: SpooledEvent) -> Int64? { backlog.add(event) }
    private mutating func lost(_ pick: Backlog.Pick) { backlog.lost(pick) }
    private mutating func drop(_ range: ClosedRange<Int64>) -> [Int64] { backlog.drop(range) }

    /// Picks up to a number of records, which stay out.
    private mutating func picks(_ count: Int = .max) -> [Backlog.Pick] {
        var picks: [Backlog.Pick] = []
        while picks.count < count, let pick = backlog.pick() { picks.append(pick) }
        return picks
    }

    private mutating func positions(_ count: Int = .max) -> [Int64] { picks(count).map(\.position) }

    @Test("hosts take turns, each in its own order, however much one of them has to say")
    mutating func turns() {
        for position in Int64(1)...4 { put(.sample(position, of: "busy")) }
        put(.sample(5, of: "a"), .sample(6, of: "b"), .sample(7, of: "a"))
        #expect(backlog.count == 7)
        #expect(positions() == [1, 5, 6, 2, 7, 3, 4])
        #expect(backlog.isEmpty)
    }

    @Test("what tells of hosts, of the service and of lives goes first, but never ahead of its own host's earlier ones")
    mutating func urgent() {
        put(.sample(1, of: "a"), .sample(2, of: "a", "up", object: "host"), .sample(3, of: "a", "lifecycle"))
        put(.sample(4, of: "b", "down", object: "host"), .sample(5, of: "c", "lifecycle", object: "pool"))
        put(.sample(6, of: "", "dropped", object: "aggregator"))
        #expect(positions() == [4, 5, 6, 1, 2, 3])
    }

    @Test("of five turns the others have one, so that a flood of urgent events starves nobody")
    mutating func starvesNobody() {
        for position in Int64(1)...100 { put(.sample(position, of: "flood", "lifecycle")) }
        for position in Int64(101)...110 { put(.sample(position, of: "quiet")) }
        let order = positions()
        #expect(order.filter { $0 > 100 } == Array(101...110))
        #expect(order.firstIndex(of: 101) == 4)
        #expect(order.firstIndex(of: 110) == 49)
    }

    @Test("replays come last, in their own order, but one in 25 turns is theirs")
    mutating func replays() {
        for position in Int64(1)...3 { put(.sample(position, of: "h\(position)", "lifecycle", replayOf: 1)) }
        for position in Int64(11)...60 { put(.sample(position, of: "h\(position % 7)")) }
        let order = positions()
        #expect(order.firstIndex(of: 1) == 24)
        #expect(order.firstIndex(of: 2) == 49)
        #expect(order.last == 3)
    }

    @Test("a later level supersedes the waiting one of the same host, kind and object, and nothing else")
    mutating func coalesces() {
        put(.sample(1, "balloon_change", level: "u"), .sample(2), .sample(3, "rtc_change", level: "u"))
        put(.sample(4, of: "kvm02", "balloon_change", level: "u"), .sample(5, "balloon_change", level: "v"))
        #expect(add(.sample(6, "balloon_change", level: "u")) == 1)
        #expect(add(.sample(7, "balloon_change", level: "u")) == 6)
        #expect(backlog.count == 5)
        #expect(positions() == [2, 4, 3, 5, 7])
    }

    @Test("what is out, or was, is not superseded: it may be on the bus")
    mutating func outStays() {
        put(.sample(1, "tunable", level: "u"))
        let out = picks()
        put(.sample(2, "tunable", level: "u"))
        backlog.requeue(out)
        #expect(add(.sample(3, "tunable", level: "u")) == 2)
        #expect(positions() == [1, 3])
    }

    @Test("replays are never superseded, nor do they supersede")
    mutating func replaysStay() {
        put(.sample(1, "tunable", level: "u"), .sample(2, "tunable", level: "u", replayOf: 9))
        put(.sample(3, "tunable", level: "u", replayOf: 9))
        #expect(positions() == [1, 2, 3])
    }

    @Test("a lane that was hidden behind a superseded record has the turn of the one that comes to the front")
    mutating func comesToFront() {
        put(.sample(1, of: "a"), .sample(2, of: "a"), .sample(3, of: "b", "tunable", level: "u"))
        put(.sample(4, of: "b", "lifecycle"))
        #expect(add(.sample(5, of: "b", "tunable", level: "u")) == 3)
        #expect(positions() == [4, 1, 5, 2])
    }

    @Test("thousands that are superseded behind one that waits take no room, and the last one remains")
    mutating func manyLevels() {
        put(.sample(1), .sample(2, "tunable", level: "u"))
        for position in Int64(3)...10_000 {
            #expect(add(.sample(position, "tunable", level: "u")) == position - 1)
        }
        #expect(backlog.count == 2)
        #expect(positions() == [1, 10_000])
    }

    @Test("what was out goes to the front of its host again, in order")
    mutating func requeues() {
        for position in Int64(1)...6 { put(.sample(position, of: position % 2 == 0 ? "a" : "b")) }
        let out = picks(4)
        backlog.settled(out[1])
        backlog.requeue([out[0], out[2], out[3]])
        #expect(backlog.count == 5)
        #expect(positions().filter { $0 % 2 == 0 } == [4, 6])
    }

    @Test("with one out for each host a host's next waits for it, and no other host's does")
    mutating func onePerHost() {
        backlog.isOnePerHost = true
        for position in Int64(1)...3 { put(.sample(position, of: "a")) }
        put(.sample(4, of: "b"), .sample(5, of: "b"))
        let out = picks()
        #expect(out.map(\.position) == [1, 4])
        backlog.settled(out[1])
        #expect(positions() == [5])
        backlog.requeue(out[..<1])
        #expect(positions() == [1])
        #expect(backlog.count == 2)
    }

    @Test("a host that has its share out has no turn until one of it is settled, and others have theirs")
    mutating func share() {
        backlog = Backlog(share: 2)
        for position in Int64(1)...4 { put(.sample(position, of: "a")) }
        put(.sample(5, of: "b"))
        let out = picks()
        #expect(out.map(\.position) == [1, 5, 2])
        backlog.settled(out[2])
        #expect(positions() == [3])
        #expect(backlog.count == 1)
    }

    @Test("keeps at hand what fits into the cache, and lets it go with the record")
    mutating func cache() {
        let half = Backlog.cacheLimit / 2
        put(.sample(1, size: half), .sample(2, size: half), .sample(3, size: 1))
        let out = picks()
        #expect(out.map { $0.entry.bytes?.count } == [half, half, nil])
        #expect(out.map(\.entry.size) == [Int32(half), Int32(half), 1])
        put(.sample(4))
        backlog.settled(out[0])
        put(.sample(5), .sample(6, size: half))
        #expect(picks().map { $0.entry.bytes == nil } == [true, false, true])
    }

    @Test("what is dropped waits no more; what is out is left alone")
    mutating func drops() {
        for position in Int64(1)...9 { put(.sample(position, of: "h\(position % 2)", level: "\(position)")) }
        let out = picks(2)
        #expect(out.map(\.position) == [1, 2])
        #expect(drop(1...6).sorted() == [3, 4, 5, 6])
        #expect(drop(1...6) == [])
        #expect(backlog.dropped == ["h0": 2, "h1": 2])
        lost(out[0])
        #expect(backlog.dropped == ["h0": 2, "h1": 3])
        // Its level is forgotten with it.
        put(.sample(10, of: "h1", level: "3"))
        #expect(positions().sorted() == [7, 8, 9, 10])
    }

    @Test("what was gone before it could be sent counts for its host or for the service, and a replay for nobody")
    mutating func losses() {
        put(.sample(1), .sample(2, of: "", "dropped", object: "aggregator"), .sample(3, replayOf: 1))
        for pick in picks() { lost(pick) }
        #expect(backlog.dropped == ["kvm01": 1, "": 1])
    }

    @Test("hosts that come and go leave nothing behind that would be in the way of others")
    mutating func manyHosts() {
        for round in 0..<3 {
            let hosts = 0..<20_000
            for host in hosts { put(.sample(Int64(round * hosts.count + host), of: "host\(round)-\(host)")) }
            let out = picks()
            #expect(out.map(\.position) == hosts.map { Int64(round * hosts.count + $0) })
            for pick in out { backlog.settled(pick) }
        }
    }
}
