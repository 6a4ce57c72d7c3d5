import Foundation
import GRDB
import Spool
import Testing

/// The bounds of the spool: what goes when, and what never does.
@Suite("Spool's room")
struct SpoolRoomTests {
    private let folder = SpoolFolder()
    private let large = String(repeating: "x", count: 1_000)

    private func spool(bytes: Int = 1 << 20, whenFull: SpoolLimits.WhenFull = .dropOldest) throws -> Spool {
        try Spool(folder: folder.path, limits: SpoolLimits(bytes: bytes, age: .seconds(60), whenFull: whenFull))
    }

    private func positions(_ ranges: [ClosedRange<Int64>]) -> [Int64] { ranges.flatMap { Array($0) } }

    @Test("what is settled goes first, before the watermark and beyond it, and then what waits, oldest first")
    func settledFirst() throws {
        let spool = try spool()
        try spool.append((0..<400).map { _ in record(large) })
        let ahead = stride(from: Int64(302), through: 340, by: 2).map { $0...$0 } + [361...380]
        try spool.acknowledge(through: 200, ahead: ahead)
        let waiting = Set(Int64(201)...400).subtracting(ahead.flatMap { Array($0) })
        var removed: [Int64] = []
        var last: Int64 = 400
        while removed.isEmpty {
            let before = Set(try spool.next(after: 0, limit: .max).map(\.position))
            let appended = try spool.append((0..<20).map { _ in record(large) })
            removed = positions(appended.removed)
            last = appended.last
            let left = Set(try spool.next(after: 0, limit: .max).map(\.position))
            if removed.isEmpty {
                #expect(waiting.isSubset(of: left), "nothing that waits goes while anything is settled")
            } else {
                // When the first that waits went, nothing settled was left.
                #expect(left.allSatisfy { $0 > 400 || waiting.contains($0) })
                #expect(removed.first == before.filter { $0 > 400 || waiting.contains($0) }.min())
            }
            #expect(try spool.size().bytes <= spool.size().limit)
        }
        #expect(last < 1_200)
    }

    @Test("copies that were told again go before all else, so that nothing has to go for them that they repeat")
    func copiesFirst() throws {
        let spool = try spool()
        try spool.append((0..<100).map { _ in record(large) })
        let dead = try spool.append([record(large, replayOf: 1)]).last
        try spool.acknowledge(through: 100, letters: [DeadLetter(position: dead, time: 1, reason: "too large")])
        for round in 0..<40 {
            // Twice as much as there is room for, by and by, between what is new.
            let copies = (0..<50).map { record(large, replayOf: $0 + 1) }
            let appended = try spool.append(copies + [record("new \(round)")])
            #expect(appended.removed == [])
            try spool.acknowledge(through: appended.last)
            #expect(try spool.size().bytes <= spool.size().limit)
        }
        let kept = try DatabaseQueue(path: folder.path + "/spool.sqlite").read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM record WHERE replay_of IS NULL OR position = \(dead)")
        }
        #expect(kept == 141, "each that was told for the first time, and the copy that can never be sent")
    }

    @Test("a log that a reader without end lets grow is known, and put away when it is gone")
    func heldLog() throws {
        let spool = try spool()
        func log() throws -> Int { try Data(contentsOf: URL(fileURLWithPath: folder.path + "/spool.sqlite-wal")).count }
        let reader = try DatabaseQueue(path: folder.path + "/spool.sqlite")
        try reader.read { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM record")
            #expect(!spool.lastSize.isLogHeld)
            for _ in 0..<300 { try spool.append((0..<20).map { _ in record(large) }) }
            try spool.maintain(now: 1)
            #expect(spool.lastSize.isLogHeld)
            #expect(spool.lastSize.bytes > spool.lastSize.limit)
        }
        try spool.maintain(now: 1)
        #expect(!spool.lastSize.isLogHeld)
        #expect(try log() == 0)
    }

    @Test("states give way like records, and nothing that waits goes for those that are of no use")
    func statesGiveWay() throws {
        let spool = try spool()
        var last: Int64 = 0
        for round in Int64(1)...640 {
            let changes = (0..<50).map {
                SpoolChange.domain("\($0)", round.isMultiple(of: 2) ? "running" : "shutoff", at: round)
            }
            let appended = try spool.append(SpoolBatch(records: [record("\(round)", time: round)], changes: changes))
            last = appended.last
            #expect(appended.removed == [])
            #expect(try spool.size().bytes <= spool.size().limit)
            // All but the last few are sent.
            try spool.acknowledge(through: max(0, last - 5))
        }
        #expect(try spool.next(after: last - 5, limit: .max).count == 5)
        #expect(try spool.states().count == 50)
        // Half of those that there were.
        #expect(try StateRows.times(in: folder.path).count < 16_000)
    }

    @Test("when all of it waits, the oldest go, are named, and the bound holds")
    func dropsOldest() throws {
        let spool = try spool()
        var removed: [Int64] = []
        for _ in 0..<30 {
            removed += positions(try spool.append((0..<100).map { _ in record(large) }).removed)
            #expect(try spool.size().bytes <= 1 << 20)
        }
        #expect(!removed.isEmpty)
        #expect(removed == Array(1...Int64(removed.count)))
        let left = try spool.next(after: 0, limit: .max)
        #expect(left.map(\.position) == Array(Int64(removed.count + 1)...3_000))
    }

    @Test("when the newest are to give way, what waits stays, and there is room again once it is sent")
    func dropsNewest() throws {
        let spool = try spool(whenFull: .dropNewest)
        var count: Int64 = 0
        let error = #expect(throws: SpoolError.self) {
            while count < 3_000 { count = try spool.append((0..<50).map { _ in record(large) }).last }
        }
        #expect(error?.code == .full)
        #expect(error?.hint.contains("spool.max_bytes") == true)
        #expect(try spool.waiting() == Int(count))
        try spool.acknowledge(through: count / 2)
        #expect(try spool.append([record(large)]).last == count + 1)
    }

    @Test("what was sent is forgotten after its time, whatever a wrong clock stamped in between; what waits is not")
    func age() throws {
        let spool = try spool()
        let day: Int64 = 86_400_000_000
        try spool.append([record("a", time: 10 * day), record("b", time: 900 * day), record("c", time: 11 * day)])
        try spool.append([record("d", time: 12 * day), record("e", time: 20 * day)])
        try spool.acknowledge(through: 3)
        try spool.maintain(now: 20 * day)
        #expect(texts(try spool.next(after: 0, limit: 9)) == ["d", "e"])
        #expect(try spool.waiting() == 2)
    }

    @Test("of the states before its time only what still held is kept, and nothing of what was gone")
    func states() throws {
        let spool = try spool()
        let second: Int64 = 1_000_000
        try spool.append(
            SpoolBatch(changes: [
                .domain("a", "running", at: 1 * second), .domain("b", "running", at: 1 * second),
                .domain("a", "shutoff", at: 2 * second), .domain("b", "shutoff", at: 3 * second, exists: false),
                .domain("a", "running", at: 900 * second),
            ])
        )
        let before = try spool.states()
        try spool.maintain(now: 500 * second)
        #expect(try spool.states() == before.filter { $0.name == "a" })
        #expect(try StateRows.times(in: folder.path) == [2 * second, 900 * second])
    }

    @Test("what a wrong clock stamped in between goes with the rest, and what comes back is told from what was gone")
    func statesOfWrongClock() throws {
        let spool = try spool()
        let second: Int64 = 1_000_000
        let gone = SpoolChange.domain("b", "shutoff", at: 5 * second, exists: false)
        try spool.append(
            SpoolBatch(changes: [
                .domain("a", "running", at: 1 * second), .domain("a", "paused", at: 9_000 * second),
                .domain("a", "running", at: 3 * second), .domain("a", "shutoff", at: 4 * second),
                .domain("b", "running", at: 2 * second), gone,
            ])
        )
        try spool.maintain(now: 3_000 * second)
        #expect(try StateRows.times(in: folder.path) == [4 * second])
        // The number of the row that was the last one is used again.
        try spool.append(SpoolBatch(changes: [.domain("b", "running", at: 3_001 * second)]))
        try spool.append(SpoolBatch(changes: [.domain("c", "running", at: 3_002 * second)]))
        #expect(try spool.states().map(\.name) == ["a", "b", "c"])
        let history = try SpoolHistory(folder: folder.path)
        #expect(
            try history.states(at: 3_001 * second, after: 0) { _ in true }.found.map(\.name) == ["a", "b"]
        )
    }

    @Test("a long history makes no append dearer")
    func longHistory() throws {
        let spool = try spool(bytes: 1 << 30)
        func append(_ time: Int64) throws {
            try spool.append(SpoolBatch(changes: (0..<256).map { .domain("vm-\($0)", "running", at: time) }))
        }
        for time in 0..<100 { try append(Int64(time)) }
        let other = try DatabaseQueue(path: "\(folder.path)/spool.sqlite")
        try other.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try append(100)
        let log = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/spool.sqlite-wal")[.size] as? Int
        // The rows are in four or five pages, and what is latest of each object in one or two.
        #expect(try #require(log) / 4_096 <= 10)
    }

    @Test("an ordinary event takes at most 600 bytes of the disk, with the state it leads to")
    func bytesPerEvent() throws {
        let spool = try spool(bytes: 1 << 30)
        // A lifecycle event of the relay has some 330 bytes.
        let bytes = String(repeating: "x", count: 330)
        let before = try spool.size().bytes
        for batch in 0..<40 {
            try spool.append(
                SpoolBatch(
                    records: (100..<200).map {
                        record(bytes, time: 1_700_000_000_000_000, key: "9b0c4a1e-5d3f-4e72-8a16-000000000\($0)")
                    },
                    changes: (0..<100).map { .domain("vm-\($0)", "running", at: 1_700_000_000_000_000 + Int64(batch)) }
                )
            )
        }
        try spool.acknowledge(through: 4_000)
        let log = "\(folder.path)/spool.sqlite-wal"
        let logSize = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0
        #expect(try (spool.size().bytes - logSize - before) / 4_000 <= 600)
    }
}
