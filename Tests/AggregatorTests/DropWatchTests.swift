import Connections
import Testing

@testable import Aggregator

@Suite("Drops")
struct DropWatchTests {
    private func moment(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds * 1_000_000) }

    private func ledger(inFlight: Int = 0, memory: Int = 0, room: Int = 0) -> Ledger {
        var ledger = Ledger()
        ledger.callbacks.dropped = inFlight
        ledger.dropped = Ledger.Drops(memory: memory, room: room)
        return ledger
    }

    @Test("nothing given up, nothing said; then what is new, by reason and host, and never twice")
    func news() throws {
        var watch = DropWatch(at: moment(0))
        #expect(watch.look(ledger(), hosts: [:], dead: 0, at: moment(10)) == nil)
        let firstLook = watch.look(
            ledger(inFlight: 5, room: 2),
            hosts: ["a": 4, "b": 1, "": 9],
            dead: 0,
            at: moment(20)
        )
        let first = try #require(firstLook)
        #expect(first.since == moment(10))
        #expect(first.counts.map(\.reason) == ["in_flight", "memory", "room", "dead"])
        #expect(first.counts.map(\.count) == [5, 0, 2, 0])
        #expect(first.hosts == [Drops.Host(host: "a", count: 4), Drops.Host(host: "b", count: 1)])
        #expect(watch.look(ledger(inFlight: 5, room: 2), hosts: ["a": 4, "b": 1], dead: 0, at: moment(30)) == nil)
        let secondLook = watch.look(ledger(inFlight: 5, memory: 1, room: 2), hosts: ["a": 4], dead: 0, at: moment(40))
        let second = try #require(secondLook)
        #expect(second.counts.map(\.count) == [0, 1, 0, 0])
        #expect(second.hosts == [])
    }

    @Test("what was told of drops and is given up itself is told again, from the last that has certainly arrived")
    func lostItself() throws {
        var watch = DropWatch(at: moment(0))
        func look(_ second: Int64, room: Int, own: Int = 0, waiting: Int = 1) -> Drops? {
            var ledger = ledger(room: room)
            ledger.waiting = waiting
            return watch.look(ledger, hosts: ["a": room - own, "": own], dead: 0, at: moment(second))
        }
        #expect(look(10, room: 5)?.counts.map(\.count) == [0, 0, 5, 0])
        #expect(look(20, room: 5, waiting: 0) == nil)
        #expect(look(30, room: 7)?.counts.map(\.count) == [0, 0, 2, 0])
        #expect(look(40, room: 8)?.counts.map(\.count) == [0, 0, 1, 0])
        let again = try #require(look(50, room: 9, own: 1))
        #expect(again.counts.map(\.count) == [0, 0, 4, 0])
        #expect(again.hosts == [Drops.Host(host: "a", count: 3)])
        #expect(again.since == moment(10))
        #expect(look(60, room: 9, own: 1, waiting: 0) == nil)
        #expect(look(70, room: 10, own: 2)?.counts.map(\.count) == [0, 0, 1, 0])
    }

    @Test("what can never be sent is told of hosts; of the service's own it is not, or that would be the next one")
    func dead() throws {
        var watch = DropWatch(at: moment(0))
        var ledger = ledger()
        ledger.dead = 1
        #expect(watch.look(ledger, hosts: [:], dead: 0, at: moment(10)) == nil)
        ledger.dead = 2
        let look = watch.look(ledger, hosts: ["a": 1], dead: 1, at: moment(20))
        let drops = try #require(look)
        #expect(drops.counts.filter { $0.count > 0 } == [Drops.Reason(reason: "dead", count: 1)])
        #expect(drops.hosts == [Drops.Host(host: "a", count: 1)])
        #expect(watch.look(ledger, hosts: ["a": 1], dead: 1, at: moment(30)) == nil)
    }

    @Test("names the ten hosts that lost most")
    func bounded() throws {
        var watch = DropWatch(at: moment(0))
        let hosts = Dictionary(uniqueKeysWithValues: (1...40).map { ("h\($0)", $0) })
        let dropsLook = watch.look(ledger(inFlight: 820), hosts: hosts, dead: 0, at: moment(10))
        let drops = try #require(dropsLook)
        #expect(drops.hosts.map(\.count) == Array((31...40).reversed()))
    }

    @Test("the ledger adds up what each part counted, and says when it does not")
    func ledgers() {
        let sink = Sink.Snapshot(
            inherited: 3,
            readThrough: 8,
            waiting: 2,
            tally: Sink.Tally(relayed: 4, coalesced: 1, dropped: 1, dead: 0)
        )
        // Three of a former run (positions 1 to 3), and ten taken in, of which seven are committed.
        var journal = JournalCounts(
            accepted: 10,
            pending: 1,
            committed: 7,
            droppedForMemory: 1,
            droppedForRoom: 1,
            last: 10
        )
        let ledger = Ledger(callbacks: CallbackCounts(), sink: sink, journal: journal)
        #expect(ledger.received == 13)
        #expect(ledger.waiting == 1 + 2 + 2)
        #expect(ledger.isBalanced)
        journal.committed -= 1
        journal.last -= 1
        #expect(!Ledger(callbacks: CallbackCounts(), sink: sink, journal: journal).isBalanced)
    }
}
