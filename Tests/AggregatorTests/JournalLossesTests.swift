import Connections
import Logging
import Spool
import TestSupport
import Testing

@testable import Aggregator

@Suite("What is lost before the journal")
struct JournalLossesTests {
    private static func entry(_ name: String?, at time: Int64, _ keys: String..., record: Bool = true) -> JournalEntry {
        let host = name ?? ""
        var entry = JournalEntry(record: nil)
        if record {
            entry.record = Self.record(of: host, at: time)
        }
        entry.changes = keys.map {
            SpoolChange(time: time, host: host, object: "domain", key: uuid($0), name: "n", state: "s")
        }
        entry.origin = name.map { JournalEntry.Origin(host: $0, since: Timestamp(microseconds: time)) }
        return entry
    }

    private static func record(
        of host: String,
        at time: Int64,
        object: String = "o",
        subject: String = "",
        key: String = ""
    ) -> SpoolRecord {
        SpoolRecord(time: time, host: host, object: object, kind: "k", subject: subject, key: key, bytes: [])
    }

    /// A UUID that begins with a number, or no key at all.
    private static func uuid(_ number: String) -> String {
        number.isEmpty ? "" : number + "00000000-0000-0000-0000-000000000000".dropFirst(number.count)
    }

    private static func keys(_ loss: Lost?) -> [String]? {
        loss?.objects.map { "\($0.object) \($0.key.description.prefix(2))" }.sorted()
    }

    @Test("of each host there is the time of the first, and the objects whose changes were lost")
    func collects() {
        var losses = JournalLosses()
        losses.add(Self.entry("a", at: 7, "01"), at: .zero)
        losses.add(Self.entry("a", at: 5, "02", "01"), at: .zero)
        losses.add(Self.entry("b", at: 9), at: .zero)
        losses.add(Self.entry(nil, at: 1), at: .zero)
        let due = losses.due(at: .seconds(1), hasRoom: true)
        #expect(due.keys.sorted() == ["a", "b"])
        #expect(due["a"]?.from == Timestamp(microseconds: 5))
        #expect(Self.keys(due["a"]) == ["domain 01", "domain 02"])
        #expect(Self.keys(due["b"]) == [])
        #expect(losses.isEmpty)
    }

    @Test("what is said of a class, or of more objects than are remembered, is of everything")
    func everything() {
        for keys in [["", "01"], (0...Lost.objectLimit).map { "\($0 + 1_000)" }] {
            var losses = JournalLosses()
            for key in keys { losses.add(Self.entry("a", at: 1, key), at: .zero) }
            let loss = losses.due(at: .seconds(1), hasRoom: true)["a"]
            #expect(loss != nil)
            #expect(loss?.isEverything == true)
        }
    }

    @Test("what has ended is remembered by itself, whatever else is everything")
    func ended() {
        var losses = JournalLosses()
        losses.add(Self.entry("a", at: 1, "01"), at: .zero)
        var end = Self.entry("a", at: 2, "02")
        end.changes[0].exists = false
        end.record = Self.record(of: "a", at: 2, subject: "vm")
        losses.add(Self.entry("a", at: 2, ""), at: .zero)
        losses.add(end, at: .zero)
        // Of a class that is not told yet; an event that is no step in a life says nothing.
        for key in [Self.uuid("03"), ""] {
            var event = Self.entry("a", at: 3)
            event.record = Self.record(of: "a", at: 3, object: "domain", key: key)
            losses.add(event, at: .zero)
        }
        for number in 0..<Lost.objectLimit { losses.add(Self.entry("a", at: 4, "\(number + 1_000)"), at: .zero) }
        end.changes[0].key = Self.uuid("04")
        losses.add(end, at: .zero)
        let loss = losses.due(at: .seconds(1), hasRoom: true)["a"]
        #expect(loss?.isEverything == true)
        #expect(loss?.objects.count == Lost.objectLimit + 1)
        #expect(Self.keys(loss)?.prefix(4) == ["domain 01", "domain 02", "domain 03", "domain 04"])
        #expect(Set(loss?.objects.compactMap(\.name) ?? []) == ["vm"])
    }

    @Test("it is handed on when nothing was lost for a second and there is room, or after ten all the same")
    func patience() {
        var losses = JournalLosses()
        losses.add(Self.entry("a", at: 1), at: .seconds(100))
        #expect(losses.due(at: .milliseconds(100_900), hasRoom: true).isEmpty)
        #expect(losses.due(at: .seconds(101), hasRoom: false).isEmpty)
        losses.refused()
        #expect(losses.due(at: .seconds(102), hasRoom: true).isEmpty)
        losses.add(Self.entry("a", at: 2), at: .seconds(108))
        losses.committed()
        #expect(losses.due(at: .milliseconds(108_500), hasRoom: true).isEmpty)
        #expect(losses.due(at: .seconds(110), hasRoom: false)["a"]?.from == Timestamp(microseconds: 1))
        #expect(losses.due(at: .seconds(200), hasRoom: true).isEmpty)
    }

    @Test("while nothing finds room it is tried less and less often, and as before once something does")
    func refused() {
        var losses = JournalLosses()
        losses.refused()
        var now = Duration.zero
        func wait() -> Int {
            losses.add(Self.entry("a", at: 1), at: now)
            losses.refused()
            let start = now
            while losses.due(at: now, hasRoom: true).isEmpty { now += .seconds(1) }
            return Int((now - start).components.seconds)
        }
        #expect((0..<7).map { _ in wait() } == [10, 20, 40, 80, 160, 300, 300])
        losses.committed()
        #expect(wait() == 10)
    }

    @Test("of a host that has more to tell anew than there is memory for less and less often, and of others as ever")
    func wasted() {
        var losses = JournalLosses()
        var now = Duration.zero
        func wait(isWasted: Bool = true) -> Int {
            let entry = Self.entry("a", at: 1)
            losses.add(entry, at: now)
            if isWasted { losses.isWasted(entry) }
            let start = now
            while true {
                now += .seconds(1)
                losses.add(Self.entry("b", at: 1), at: now - .seconds(1))
                let due = losses.due(at: now, hasRoom: true)
                #expect(due["b"] != nil)
                if due["a"] != nil { return Int((now - start).components.seconds) }
            }
        }
        #expect((0..<11).map { _ in wait() } == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        #expect(losses.hosts(since: now) == ["a", "b"])
        #expect([wait(isWasted: false), wait(), wait()] == [300, 1, 2])
    }

    @Test("what had to go before it was sent is anything of its host, from the beginning of a gap that was among it")
    func givenUp() throws {
        let from = Timestamp(microseconds: 1_795_336_037_265_359)
        let to = Timestamp(microseconds: 1_795_336_099_265_359)
        let host = InventoryHost(
            host: Host(name: "a", uri: try LibvirtURI("test:///default")),
            labels: Labels([:]),
            tagPrefix: TagPrefix.standard,
            filter: .all
        )
        let gap = HostReport(
            host: "a",
            sequence: 1,
            observed: to,
            uri: "",
            body: .gap(HostGap(from: from, to: to, classes: [.domain], cause: .network, synthesised: 0))
        )
        let record = try #require(try HostChannel(host, instance: "0123456789abcdef").record(of: gap))
        #expect(
            Lost(GivenUp(host: "a", time: to.microseconds, gap: record.bytes)) == Lost(from: from, isEverything: true)
        )
        #expect(Lost(GivenUp(host: "a", time: 7)) == Lost(from: Timestamp(microseconds: 7), isEverything: true))
        #expect(
            Lost(GivenUp(host: "a", time: 7, gap: [1])) == Lost(from: Timestamp(microseconds: 7), isEverything: true)
        )
    }

    @Test("an object has the later name, if that is known")
    func names() throws {
        var losses = JournalLosses()
        for name in ["old", "new", ""] {
            var entry = Self.entry("a", at: 1, "01")
            entry.record = Self.record(of: "a", at: 1, subject: name)
            losses.add(entry, at: .zero)
        }
        let loss = try #require(losses.due(at: .seconds(1), hasRoom: true)["a"])
        #expect(loss.objects.map(\.name) == ["new"])
        let key = try #require(ObjectKey(Self.uuid("01"), of: .domain))
        func lost(_ name: String?) -> Lost {
            Lost(from: loss.from, objects: [Lost.Object(.domain, key, name: name)])
        }
        #expect(loss.and(lost("newer")).and(lost(nil)).objects.map(\.name) == ["newer"])
    }

    @Test("losses of a host come together, and are of everything when they are many")
    func both() throws {
        func objects(_ numbers: Range<Int>) -> Set<Lost.Object> {
            Set(
                numbers.compactMap { number in
                    ObjectKey(Self.uuid("\(1_000 + number)"), of: .domain).map { Lost.Object(.domain, $0) }
                }
            )
        }
        let early = Lost(from: Timestamp(microseconds: 1), objects: objects(0..<2))
        let late = Lost(from: Timestamp(microseconds: 2), objects: objects(1..<3))
        #expect(late.and(early) == Lost(from: Timestamp(microseconds: 1), objects: objects(0..<3)))
        for (one, other) in [
            (early, Lost(from: late.from, isEverything: true)), (Lost(from: late.from, isEverything: true), early),
        ] {
            #expect(one.and(other) == Lost(from: one.and(other).from, objects: objects(0..<2), isEverything: true))
        }
        let most = Lost(from: early.from, objects: objects(0..<GivenUp.objectLimit))
        #expect(!most.and(early).isEverything)
        let more = most.and(Lost(from: late.from, objects: objects(GivenUp.objectLimit..<GivenUp.objectLimit + 1)))
        #expect(more.isEverything && more.objects == most.objects)
    }

    @Test("the journal tells of what waited in vain and of what found no room, once it takes records again")
    func told() async throws {
        let scheduler = ManualScheduler()
        let isFull = Locked(true)
        let told = Locked<[[String: Lost]]>([])
        let journal = Journal(
            linger: .zero,
            scheduler: scheduler,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            store: JournalStore { batch throws(SpoolError) in
                if isFull.withLock({ $0 }) { throw SpoolError(code: .full, message: "scripted", hint: "") }
                return Appended(last: 1)
            },
            appended: { _ in }
        )
        journal.tellLosses { losses in told.withLock { $0.append(losses) } }
        journal.take([Self.entry("a", at: 4, "01"), Self.entry("b", at: 6, "02", record: false)])
        await journal.flush()
        try await eventually("a look is planned") { scheduler.pending == [.seconds(1)] }
        #expect(journal.counts.lostStates == 2)
        scheduler.advance(by: .seconds(1))
        try await eventually("it still finds no room") { scheduler.pending == [.seconds(1)] }
        #expect(told.withLock { $0.isEmpty })
        isFull.withLock { $0 = false }
        journal.take([Self.entry(nil, at: 9)])
        await journal.flush()
        scheduler.advance(by: .seconds(1))
        try await eventually("it is told") { told.withLock(\.count) == 1 }
        let losses = told.withLock { $0[0] }
        #expect(Self.keys(losses["a"]) == ["domain 01"])
        #expect(losses["b"]?.from == Timestamp(microseconds: 6))
        await journal.flush()
        #expect(scheduler.pending == [])
    }

    @Test("of very many changes, which are committed in pieces, every piece is somebody's loss")
    func pieces() {
        var queue = JournalQueue()
        let change = SpoolChange(time: 1, host: "a", object: "domain", key: Self.uuid("01"), name: "n", state: "s")
        var entry = JournalEntry(record: nil, changes: Array(repeating: change, count: 5_000))
        entry.origin = JournalEntry.Origin(host: "a", since: Timestamp(microseconds: 1))
        #expect(entry.pieces.count > 1)
        _ = queue.take([entry], of: nil, at: .zero)
        _ = queue.begin()
        _ = queue.committed(last: nil, at: .zero)
        #expect(!queue.begin().isEmpty)
        _ = queue.refused(at: .zero)
        #expect(queue.hasLosses)
        #expect(queue.takeLosses(at: .seconds(11))["a"] != nil)
    }

    @Test("what one host has to tell anew leaves others room in which what they hear is kept")
    func madeUp() {
        var queue = JournalQueue()
        let many = (0..<JournalQueue.limit.records).map { time in
            var entry = Self.entry("a", at: Int64(time))
            entry.isMadeUp = true
            return entry
        }
        _ = queue.take(many, of: nil, at: .zero)
        #expect(queue.counts.pending == JournalQueue.madeUp.records)
        _ = queue.take([Self.entry("b", at: 3)], of: nil, at: .zero)
        #expect(queue.counts.pending == JournalQueue.madeUp.records + 1)
        #expect(queue.takeLosses(at: .seconds(10)).keys.sorted() == ["a"])
    }

    @Test("what waits for the disk beyond the bound is told when half of it is through")
    func memory() {
        var queue = JournalQueue()
        let many = (0..<JournalQueue.limit.records).map { Self.entry("a", at: Int64($0)) }
        _ = queue.take(many, of: nil, at: .zero)
        #expect(!queue.hasLosses)
        _ = queue.take([Self.entry("b", at: 3, "01"), JournalEntry(places: 1)], of: nil, at: .zero)
        #expect(queue.hasLosses)
        #expect(queue.takeLosses(at: .seconds(2)).isEmpty)
        while queue.counts.pending > JournalQueue.limit.records / 2 - 1 {
            _ = queue.begin()
            _ = queue.committed(last: nil, at: .seconds(2))
        }
        #expect(Self.keys(queue.takeLosses(at: .seconds(2))["b"]) == ["domain 01"])
        #expect(!queue.hasLosses)
    }
}
