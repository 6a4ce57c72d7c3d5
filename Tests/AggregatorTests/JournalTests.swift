import Connections
import Dispatch
import Logging
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Journal", .timeLimit(.minutes(10)))
struct JournalTests {
    /// A disk that works when told to.
    private final class Disk: Sendable {
        let works = Atomic<Bool>(true)
        let isFull = Atomic<Bool>(false)
        let wholes = Mutex<[SpoolBatch]>([])
        let last = Atomic<Int64>(0)

        /// Whether records go to memory.
        let isLeft = Atomic<Bool>(false)
        let isDamaged = Atomic<Bool>(false)
        let batches = Mutex<[[SpoolRecord]]>([])

        /// Called while an append is under way.
        let during = Mutex<(@Sendable () -> Void)?>(nil)

        func append(_ batch: SpoolBatch) throws(SpoolError) -> Appended {
            during.withLock { $0 }?()
            guard works.load(ordering: .relaxed) || isLeft.load(ordering: .relaxed) else {
                throw SpoolError(code: .failed, message: "scripted", hint: "")
            }
            guard !isFull.load(ordering: .relaxed) else {
                throw SpoolError(code: .full, message: "scripted", hint: "")
            }
            batches.withLock { $0.append(batch.records) }
            wholes.withLock { $0.append(batch) }
            let count = Int64(batch.records.count)
            return Appended(last: last.add(count, ordering: .relaxed).newValue)
        }

        func leave() throws(SpoolError) {
            isLeft.store(true, ordering: .relaxed)
        }

        func comeBack() throws(SpoolError) -> String? {
            guard works.load(ordering: .relaxed) else {
                throw SpoolError(code: .failed, message: "scripted", hint: "")
            }
            isLeft.store(false, ordering: .relaxed)
            isDamaged.store(false, ordering: .relaxed)
            return nil
        }

        var times: [Int64] { batches.withLock { $0.flatMap { $0.map(\.time) } } }
    }

    private let disk = Disk()
    private let scheduler = ManualScheduler()
    private let inFlight = InFlight(limit: 10)

    private let log = RecordingLog()

    private func journal(linger: Duration = .zero) -> Journal {
        let disk = disk
        return Journal(
            linger: linger,
            scheduler: scheduler,
            logger: log.logger,
            store: JournalStore(
                append: { batch throws(SpoolError) in try disk.append(batch) },
                leaveDisk: { () throws(SpoolError) in try disk.leave() },
                returnToDisk: { () throws(SpoolError) in try disk.comeBack() },
                isDamaged: { disk.isDamaged.load(ordering: .relaxed) }
            ),
            appended: { _ in }
        )
    }

    private func records(
        _ times: some Sequence<Int64>,
        of host: String = "h",
        places: Int = 0
    ) -> [JournalEntry] {
        times.map {
            let record = SpoolRecord(time: $0, host: host, object: "o", kind: "k", subject: "", bytes: [])
            return JournalEntry(record: record, places: places)
        }
    }

    private func change(_ time: Int64, of host: String = "big") -> SpoolChange {
        SpoolChange(time: time, host: host, object: "domain", key: "\(time)", name: "", state: "shutoff")
    }

    private func retryIsPlanned() async throws {
        try await eventually("one retry is planned") { scheduler.pending == [.seconds(1)] }
    }

    @Test("commits in order, and gives places back once it has")
    func commits() async throws {
        let journal = journal()
        for _ in 0..<3 { #expect(inFlight.enter()) }
        journal.take(records(1...2, places: 1), of: inFlight)
        journal.take(records([3], places: 1), of: inFlight)
        await journal.flush()
        #expect(disk.times == [1, 2, 3])
        #expect(inFlight.current == 0)
        #expect(journal.counts.committed == 3)
    }

    @Test("places of events that the filter kept back come back, too")
    func filtered() async {
        let journal = journal()
        #expect(inFlight.enter())
        journal.take([JournalEntry(places: 1)], of: inFlight)
        await journal.flush()
        #expect(inFlight.current == 0)
    }

    @Test("a disk that fails keeps the order and the places, and is tried again each second")
    func retries() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        #expect(inFlight.enter())
        journal.take(records([1], places: 1), of: inFlight)
        try await retryIsPlanned()
        journal.take(records([2]))
        #expect(inFlight.current == 1)
        scheduler.advance(by: .seconds(1))
        try await retryIsPlanned()
        disk.works.store(true, ordering: .relaxed)
        scheduler.advance(by: .seconds(1))
        try await eventually("they are on the disk") { disk.times == [1, 2] }
        try await eventually("the place is back") { inFlight.current == 0 }
        journal.take(records([3]))
        try await eventually("it goes on") { disk.times == [1, 2, 3] }
        #expect(scheduler.pending == [])
    }

    @Test("the very many changes of one host go in pieces, and others' records are not behind them, but its own are")
    func crowds() async throws {
        let journal = journal()
        // The disk is at the first piece when the others come.
        let more = Mutex(records([1], of: "other") + records([2], of: "big") + records([3], of: "other"))
        disk.during.withLock {
            $0 = { journal.take(more.withLock { entries in entries.isEmpty ? [] : [entries.removeFirst()] }) }
        }
        journal.take([JournalEntry(changes: (0..<2_000).map { change($0) })])
        await journal.flush()
        let wholes = disk.wholes.withLock { $0 }
        #expect(wholes.flatMap(\.changes).map(\.time) == Array(0..<2_000))
        #expect(wholes.allSatisfy { $0.changes.count <= JournalQueue.batch.records })
        #expect(wholes.firstIndex { $0.records.contains { $0.time == 1 } } == 1)
        #expect(wholes.firstIndex { $0.records.contains { $0.time == 3 } } == 3)
        // What happened on the host after its listing is kept after it.
        #expect(wholes.firstIndex { $0.records.contains { $0.time == 2 } } == wholes.count - 1)
    }

    @Test("a flood of one host's is not before what others have, and loses nothing of its order")
    func flood() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        journal.take(records(0..<4_000, of: "loud"))
        try await retryIsPlanned()
        for number in 0..<10 { journal.take(records([0], of: "quiet\(number)")) }
        disk.works.store(true, ordering: .relaxed)
        await journal.flush()
        let batches = disk.batches.withLock { $0 }
        let order = batches.flatMap { $0.map(\.host) }
        #expect((order.lastIndex { $0.hasPrefix("quiet") } ?? .max) <= JournalQueue.batch.records + 10)
        #expect(batches.flatMap { $0.filter { $0.host == "loud" }.map(\.time) } == Array(0..<4_000))
        #expect(batches.allSatisfy { $0.count <= JournalQueue.batch.records })
    }

    @Test("pieces that the disk did not take are tried again in their order")
    func crowdsAgain() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        journal.take([JournalEntry(changes: (0..<600).map { change($0) })])
        try await retryIsPlanned()
        journal.take(records([7]))
        disk.works.store(true, ordering: .relaxed)
        scheduler.advance(by: .seconds(1))
        try await eventually("all is on the disk") {
            disk.wholes.withLock { $0.reduce(0) { $0 + $1.changes.count } } == 600
        }
        #expect(disk.wholes.withLock { $0.flatMap(\.changes).map(\.time) } == Array(0..<600))
        #expect(disk.times == [7])
    }

    @Test("what comes beyond its bound while the disk stalls is dropped and counted")
    func bounded() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        journal.take(records(0..<Int64(JournalQueue.limit.records)))
        try await retryIsPlanned()
        journal.take(records([1, 2]))
        #expect(journal.counts.droppedForMemory == 2)
    }

    @Test("what comes while the disk fails neither overflows the bound nor multiplies the retries")
    func overlaps() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        let more = records([7])
        disk.during.withLock { $0 = { journal.take(more) } }
        journal.take(records(0..<Int64(JournalQueue.limit.records)))
        try await retryIsPlanned()
        journal.take(records([8]))
        scheduler.advance(by: .seconds(1))
        try await retryIsPlanned()
        #expect(journal.counts.droppedForMemory == 2 + 1)
        disk.during.withLock { $0 = nil }
        disk.works.store(true, ordering: .relaxed)
        scheduler.advance(by: .seconds(1))
        try await eventually("all are committed") { journal.counts.committed == JournalQueue.limit.records }
        #expect(disk.times == Array(0..<Int64(JournalQueue.limit.records)))
    }

    @Test("flushing waits for what came while a commit was under way")
    func flushesAll() async throws {
        let journal = journal()
        let entered = DispatchSemaphore(value: 0), leave = DispatchSemaphore(value: 0)
        disk.during.withLock {
            $0 = {
                entered.signal()
                leave.wait()
            }
        }
        journal.take(records([1]))
        await Task.detached { entered.wait() }.value
        journal.take(records([2]))
        disk.during.withLock { $0 = nil }
        async let flushed: Void = journal.flush()
        leave.signal()
        await flushed
        #expect(journal.counts.committed == 2)
    }

    @Test("flushing tries a disk that failed once more, at once, and then there is memory")
    func flushesAfterFailure() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        journal.take(records([1]))
        try await retryIsPlanned()
        await journal.flush()
        #expect(journal.isInMemory)
        #expect(journal.counts.committed == 1)
        await journal.bringToDisk()
        await journal.bringToDisk()
        #expect(journal.isInMemory, "the disk still fails")
        #expect(log.count(of: "Journal cannot return to the disk") == 1)
        disk.works.store(true, ordering: .relaxed)
        await journal.bringToDisk()
        #expect(!journal.isInMemory)
    }

    @Test("flushing puts what waited for a disk that works again there")
    func flushesToTheDisk() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        journal.take(records([1]))
        try await retryIsPlanned()
        disk.works.store(true, ordering: .relaxed)
        await journal.flush()
        #expect(journal.counts.committed == 1)
        #expect(!journal.isInMemory)
    }

    @Test("writes at once when idle; what comes soon after gathers for some milliseconds, or until there is enough")
    func gathers() async throws {
        let journal = journal(linger: .milliseconds(3))
        journal.take(records([1]))
        try await eventually("the first is written") { journal.counts.committed == 1 }
        journal.take(records([2]))
        journal.take(records([3]))
        #expect(scheduler.pending == [.milliseconds(3)])
        scheduler.advance(by: .milliseconds(3))
        try await eventually("the others are, together") { disk.batches.withLock { $0.map(\.count) } == [1, 2] }
        journal.take(records([4]))
        journal.take(records(5..<300))
        try await eventually("many do not wait") { journal.counts.committed == 299 }
        scheduler.advance(by: .milliseconds(3))
        await journal.flush()
        #expect(disk.times == Array(1..<300))
    }

    @Test("a transaction is bounded, and a record is never without the state that it led to")
    func batches() async throws {
        let journal = journal()
        journal.take(
            records(0..<2_000).map { entry in
                var entry = entry
                entry.changes = entry.record.map { [change($0.time, of: $0.host)] } ?? []
                return entry
            }
        )
        await journal.flush()
        let batches = disk.wholes.withLock { $0 }
        #expect(batches.map(\.records.count) == [512, 512, 512, 464])
        #expect(batches.allSatisfy { $0.records.map(\.time) == $0.changes.map(\.time) })
    }

    @Test("what is dropped or kept back gives its places back at once, however long the disk stalls")
    func placesOfDropped() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        journal.take(records(0..<Int64(JournalQueue.limit.records)))
        try await retryIsPlanned()
        for _ in 0..<2 { #expect(inFlight.enter()) }
        journal.take(records([1], places: 1) + [JournalEntry(places: 1)], of: inFlight)
        #expect(inFlight.current == 0)
        #expect(journal.counts.droppedForMemory == 1)
    }

    @Test("a disk that keeps failing: after three tries it goes on in memory, and returns when the disk works")
    func memory() async throws {
        let journal = journal()
        disk.works.store(false, ordering: .relaxed)
        #expect(inFlight.enter())
        journal.take(records([1], places: 1), of: inFlight)
        for _ in 0..<2 {
            try await retryIsPlanned()
            #expect(!journal.isInMemory)
            scheduler.advance(by: .seconds(1))
        }
        try await eventually("it goes on in memory") { journal.isInMemory }
        try await eventually("both are planned") { scheduler.pending.sorted() == [.seconds(1), .seconds(10)] }
        scheduler.advance(by: .seconds(1))
        try await eventually("what waited is through") { inFlight.current == 0 && disk.times == [1] }
        scheduler.advance(by: .seconds(9))
        try await eventually("the disk still fails") { scheduler.pending == [.seconds(10)] }
        #expect(journal.isInMemory)
        disk.works.store(true, ordering: .relaxed)
        scheduler.advance(by: .seconds(10))
        try await eventually("it is on the disk again") { !journal.isInMemory }
        journal.take(records([2]))
        try await eventually("and goes on") { disk.times == [1, 2] }
    }

    @Test("a disk that is damaged is left once, however well it takes what comes, and is returned to")
    func damage() async throws {
        let journal = journal()
        journal.leaveDamage()
        await journal.flush()
        #expect(!journal.isInMemory)
        disk.isDamaged.store(true, ordering: .relaxed)
        for _ in 0..<2 { journal.leaveDamage() }
        await journal.flush()
        #expect(journal.isInMemory)
        #expect(scheduler.pending == [.seconds(10)])
        scheduler.advance(by: .seconds(10))
        try await eventually("it is on the disk again") { !journal.isInMemory }
        journal.leaveDamage()
        await journal.flush()
        #expect(!journal.isInMemory)
    }

    @Test(
        "what has to give way because the spool is full is counted, gives its places back, and does not stop the rest"
    )
    func full() async throws {
        let journal = journal()
        disk.isFull.store(true, ordering: .relaxed)
        #expect(inFlight.enter())
        journal.take(records([1], places: 1), of: inFlight)
        await journal.flush()
        #expect(inFlight.current == 0)
        #expect(journal.counts == JournalCounts(accepted: 1, droppedForRoom: 1))
        #expect(journal.losses.hosts == ["h": 1])
        disk.isFull.store(false, ordering: .relaxed)
        journal.take(records([2]))
        await journal.flush()
        #expect(disk.times == [2])
        #expect(journal.counts == JournalCounts(accepted: 2, committed: 1, droppedForRoom: 1, last: 1))
    }
}
