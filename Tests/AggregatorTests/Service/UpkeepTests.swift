import Connections
import Foundation
import Logging
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Upkeep", .timeLimit(.minutes(10)))
struct UpkeepTests {
    /// What the upkeep is told and asked to do.
    private final class World: Sendable {
        let works = Atomic<Bool>(true)
        let looks = Atomic<Int>(0)
        let told = Mutex<[[String: Lost]]>([])
        let untold = Mutex<Set<String>>([])

        let isDamaged = Atomic<Bool>(false)
        let dead = Mutex<[String: Int]>([:])

        /// Called when the ledger is asked for, with how often it was before.
        let look = Mutex<@Sendable (Int) -> Int>({ _ in 0 })
    }

    private let folder: TemporaryFolder
    private let scheduler = ManualScheduler()
    private let world = World()
    private let spool: Spool
    private let journal: Journal
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        folder = try TemporaryFolder()
        let spool = try Spool(folder: folder.file("spool"), limits: SpoolLimits(bytes: 1 << 20))
        self.spool = spool
        let world = world
        journal = Journal(
            linger: .zero,
            scheduler: scheduler,
            logger: logger,
            store: JournalStore(
                append: { batch throws(SpoolError) in
                    guard world.works.load(ordering: .relaxed) else {
                        throw SpoolError(code: .failed, message: "scripted", hint: "")
                    }
                    return try spool.append(batch)
                },
                isDamaged: { world.isDamaged.load(ordering: .relaxed) }
            ),
            appended: { _ in }
        )
    }

    private func record(_ host: String, size: Int = 1_000) -> SpoolRecord {
        SpoolRecord(
            time: 1,
            host: host,
            object: "domain",
            kind: "lifecycle",
            subject: "",
            bytes: Array(repeating: 1, count: size)
        )
    }

    /// Makes a database that is in use one of which nothing can be read.
    private func empty(_ path: String) throws {
        for tail in ["", "-wal"] {
            try FileHandle(forWritingTo: URL(fileURLWithPath: path + tail)).truncate(atOffset: 0)
        }
        // Without that SQLite goes by what it remembers.
        try FileHandle(forWritingTo: URL(fileURLWithPath: path + "-shm")).write(contentsOf: Data(count: 4_096))
    }

    /// Runs the upkeep, and time with it, until `isDone`.
    private func run(
        _ fact: String,
        now: Timestamp = Timestamp(microseconds: 9),
        logger: Logger? = nil,
        until isDone: () throws -> Bool
    ) async throws {
        let world = world
        let upkeep = Upkeep(
            spool: spool,
            journal: journal,
            scheduler: scheduler,
            now: { now },
            logger: logger ?? self.logger,
            memories: { ["a": HostMemory(heard: LastHeard(connection: Timestamp(microseconds: 5)))] },
            stored: [:],
            ledger: {
                let count = world.looks.add(1, ordering: .relaxed).oldValue
                var ledger = Ledger()
                ledger.dropped.room = world.look.withLock { $0 }(count)
                return ledger
            },
            losses: { (Ledger(), [:], 0) },
            dead: { world.dead.withLock { $0 } },
            announce: { _, _ in },
            resync: { lost in world.told.withLock { $0.append(lost) } },
            untold: { world.untold.withLock { $0 } }
        )
        let task = Task { await upkeep.run() }
        defer { task.cancel() }
        try await eventually(fact) {
            scheduler.advance(by: Upkeep.interval)
            return try isDone()
        }
        task.cancel()
        await task.value
    }

    @Test("a database in which damage was met is left, though nothing is to be written")
    func damage() async throws {
        world.isDamaged.store(true, ordering: .relaxed)
        try await run("it is left") { journal.isInMemory }
    }

    @Test("what was heard is not noted while something that was told waits for the disk")
    func barrier() async throws {
        world.works.store(false, ordering: .relaxed)
        journal.take([JournalEntry(record: record("a"))])
        let world = world
        try await run("it is noted") {
            if world.looks.load(ordering: .relaxed) >= 3 * Upkeep.note, !world.works.load(ordering: .relaxed) {
                #expect(try spool.hearings() == [])
                world.works.store(true, ordering: .relaxed)
            }
            return try spool.hearings() == [HostHearing(host: "a", time: 5)]
        }
    }

    @Test("what was given up is known until it has been told anew, once")
    func untold() async throws {
        world.untold.withLock { $0 = ["a"] }
        while try spool.givenUp().isEmpty { try spool.append(Array(repeating: record("a"), count: 20)) }
        let world = world
        try await run("it is forgotten") {
            if world.looks.load(ordering: .relaxed) >= 10 {
                if world.untold.withLock({ !$0.isEmpty }) { #expect(try !spool.givenUp().isEmpty) }
                world.untold.withLock { $0 = [] }
            }
            return try spool.givenUp().isEmpty
        }
        #expect(world.looks.load(ordering: .relaxed) >= 10)
        #expect(world.told.withLock { $0.map(\.count) } == [1])
    }

    @Test("when the database was begun anew everything is told anew, and noted again, though nothing has changed")
    func begunAnew() async throws {
        let world = world
        var isLost = false
        world.untold.withLock { $0 = ["a"] }
        try spool.append([record("a")])
        try await run("it is told anew") {
            if try !isLost && !spool.hearings().isEmpty {
                #expect(try spool.keep(HearingNote(gone: ["a"])))
                try spool.leaveDisk()
                let path = folder.file("spool/spool.sqlite")
                try empty(path)
                for tail in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: path + tail) }
                _ = try spool.returnToDisk()
                isLost = true
            }
            guard isLost else { return false }
            return try world.told.withLock { !$0.isEmpty } && !spool.hearings().isEmpty
        }
        #expect(world.told.withLock { $0.first?["a"]?.from } == Timestamp(microseconds: 5))
        #expect(try spool.givenUp().map(\.host) == ["a"])
    }

    @Test("what has to go while it is looked is no loss of before")
    func race() async throws {
        let (spool, record) = (spool, record("a"))
        world.look.withLock {
            $0 = { count in
                guard count > 0 else { return 0 }
                // The sink has found it gone by the time the ledger is there.
                while (try? spool.givenUp())?.isEmpty == true {
                    _ = try? spool.append(Array(repeating: record, count: 20))
                }
                return 1
            }
        }
        try await run("it is told anew") { world.told.withLock { $0.first?.keys.contains("a") == true } }
    }

    @Test("what can never be sent is told anew, though nothing had to go; and what dies of the host after that, later")
    func dead() async throws {
        let world = world
        var (died, began) = (0, Duration.zero)
        try spool.append([record("a"), record("a")])
        try await run("both are told anew") {
            guard world.looks.load(ordering: .relaxed) >= 3 else { return false }
            let told = world.told.withLock { $0.map { Array($0.keys) } }
            #expect(told == Array(repeating: ["a"], count: told.count))
            guard died == told.count, try spool.givenUp().isEmpty, died < 2 else { return told.count == 2 }
            if died == 0 { began = scheduler.now }
            died += 1
            let letter = DeadLetter(position: Int64(died), time: 9, reason: "scripted")
            #expect(try spool.acknowledge(through: Int64(died), letters: [letter]) == ["a"])
            world.dead.withLock { $0["a"] = died }
            return false
        }
        #expect(scheduler.now - began >= DeadWatch.patience)
    }

    @Test("what had to go on the way back to the disk is a loss, though it was counted before it was noted there")
    func lostOnTheWayBack() async throws {
        let world = world
        world.look.withLock { $0 = { _ in 1 } }
        var isBack = false
        try await run("it is told anew") {
            if !isBack, world.looks.load(ordering: .relaxed) >= 3 {
                try spool.leaveDisk()
                try spool.giveUp([GivenUp(host: "a", time: 5)])
                _ = try spool.returnToDisk()
                isBack = true
            }
            return try isBack && spool.givenUp().isEmpty
        }
        #expect(world.told.withLock { $0.first?.keys.contains("a") } == true)
    }

    @Test("that it cannot be read what was given up is said, once")
    func unreadable() async throws {
        let (log, world) = (RecordingLog(), world)
        try empty(folder.file("spool/spool.sqlite"))
        try await run("it has been looked often", logger: log.logger) { world.looks.load(ordering: .relaxed) >= 20 }
        #expect(log.count(of: "Cannot look at what was given up") == 1)
    }

    @Test("a clock that is ahead at the start is no reason to forget what was before")
    func clockAhead() async throws {
        let heard = Timestamp(microseconds: 5)
        #expect(try spool.keep(HearingNote(hearings: [HostHearing(host: "a", time: heard.microseconds)])))
        try spool.append([record("a")])
        try spool.acknowledge(through: 1)
        let world = world
        // A look that comes later comes after the maintenance.
        try await run("it was tidied up", now: heard + .seconds(900 * 86_400)) {
            world.looks.load(ordering: .relaxed) > 2 * Upkeep.maintenance + 2
        }
        #expect(try spool.next(after: 0, limit: 1).count == 1)
    }
}
