import Foundation
import Spool
import Testing

/// Disks that are full, take no writes, or lose what is on them; real file systems, each seen by its test alone.
@Suite(
    "Spool's disk",
    .enabled(if: SmallDisk.isPossible, "needs root, to mount a small disk"),
    .timeLimit(.minutes(10))
)
struct SpoolDiskTests {
    private static let large = String(repeating: "x", count: 1_000)

    @Test("on a disk of a few megabytes that is all its own it goes on for ever, oldest first", arguments: [2, 4, 8])
    func small(megabytes: Int) async throws {
        try await SmallDisk.with(size: megabytes << 20) { disk in
            let spool = try Spool(folder: disk.path + "/spool")
            var removed: [ClosedRange<Int64>] = []
            var last: Int64 = 0
            for round in 0..<200 {
                let appended = try spool.append((0..<100).map { _ in record(Self.large) })
                removed += appended.removed
                last = appended.last
                if round.isMultiple(of: 10) { try spool.acknowledge(through: last - 100) }
            }
            #expect(last == 20_000)
            #expect(try spool.size().isDiskFull)
            let left = Set(try spool.next(after: 0, limit: .max).map(\.position))
            let gone = removed.flatMap { Array($0) }
            #expect(Set(gone).count == gone.count, "nothing goes twice")
            #expect(left.isDisjoint(with: gone))
            // Whatever else is not there had been sent.
            let sent = try spool.watermark()
            #expect((1...last).allSatisfy { $0 <= sent || left.contains($0) || gone.contains($0) })
            #expect(left.count > megabytes * 300, "\(left.count)")
        }
    }

    @Test("a disk that others fill up: what is committed stays, and once there is room it is as before")
    func filled() async throws {
        try await SmallDisk.with(size: 16 << 20) { disk in
            let spool = try Spool(folder: disk.path + "/spool")
            try spool.append((0..<2_000).map { _ in record(Self.large) })
            try spool.acknowledge(through: 1_500)
            try disk.fill()
            var removed: [ClosedRange<Int64>] = []
            for _ in 0..<20 { removed += try spool.append((0..<50).map { _ in record(Self.large) }).removed }
            #expect(try spool.size().isDiskFull)
            #expect(removed == [], "nothing that waits has to go")
            #expect(try spool.next(after: 0, limit: .max).suffix(1_500).map(\.position) == Array(1_501...3_000))
            disk.clear()
            try spool.maintain(now: 1)
            #expect(try !spool.size().isDiskFull)
            #expect(try spool.append([record("a")]).removed == [])
        }
    }

    @Test("nothing has to go any more from the moment when a disk that was full has room again")
    func hasRoomAgain() async throws {
        try await SmallDisk.with(size: 16 << 20) { disk in
            let spool = try Spool(folder: disk.path + "/spool")
            try spool.append((0..<500).map { _ in record(Self.large) })
            try disk.fill()
            func push() throws -> [ClosedRange<Int64>] {
                try spool.append((0..<50).map { _ in record(Self.large) }).removed
            }
            var removed: [ClosedRange<Int64>] = []
            while removed.isEmpty { removed += try push() }
            disk.clear()
            for _ in 0..<20 { #expect(try push() == []) }
            #expect(try !spool.size().isDiskFull)
        }
    }

    @Test("a disk that takes nothing more: the spool goes on in memory, and puts it all on the disk when it can again")
    func fails() async throws {
        try await SmallDisk.with(size: 16 << 20) { disk in
            let folder = disk.path + "/spool"
            do {
                let spool = try Spool(folder: folder)
                try spool.append([record("a"), record("b")])
                try spool.acknowledge(through: 1)
                // Full, and the room for that case is gone.
                try FileManager.default.removeItem(atPath: folder + "/reserve")
                try disk.fill()
                #expect(throws: SpoolError.self) {
                    for _ in 0..<10_000 { try spool.append([record(Self.large)]) }
                }
                try spool.leaveDisk()
                let last = spool.last
                let change = SpoolChange.domain("a", "running", at: 7)
                #expect(try spool.append(SpoolBatch(records: [record("m")], changes: [change])).last == last + 1)
                #expect(try spool.size().isInMemory)
                #expect(texts(try spool.next(after: last, limit: 9)) == ["m"])
                #expect(texts(try spool.events(at: [last + 1, 2])) == ["m", "b"])
                try spool.acknowledge(through: 2, ahead: [last + 1...last + 1])
                #expect(throws: SpoolError.self) { try spool.returnToDisk() }
                #expect(try spool.append([record("n")]).last == last + 2)
                disk.clear()
                #expect(try spool.returnToDisk() == nil)
                #expect(try !spool.size().isInMemory)
                #expect(try spool.watermark() == 2)
                #expect(try spool.settledAhead() == [last + 1...last + 1])
                #expect(try spool.states() == [change])
                #expect(texts(try spool.next(after: last, limit: 9)) == ["m", "n"])
                #expect(try spool.append([record("o")]).last == last + 3)
            }
            #expect(try Spool(folder: folder).movedAside == nil)
        }
    }

    @Test(
        "a disk that breaks and is read-only from there on: the spool goes on in memory, and nothing is lost on the way back",
        .enabled(if: BrokenDisk.isPossible, "needs loop devices and ext4")
    )
    func breaks() async throws {
        try await BrokenDisk.with { disk in
            let folder = disk.path + "/spool"
            do {
                let spool = try Spool(folder: folder)
                try spool.append([record("a"), record("b")])
                try spool.acknowledge(through: 1)
                try disk.fail()
                let error = #expect(throws: SpoolError.self) { try spool.append([record("c")]) }
                #expect(error?.code == .failed)
                try spool.leaveDisk()
                let change = SpoolChange.domain("a", "running", at: 7)
                #expect(try spool.append(SpoolBatch(records: [record("c")], changes: [change])).last == 3)
                #expect(try spool.size().isInMemory)
                // What is on it can still be read and sent.
                #expect(texts(try spool.next(after: 1, limit: 9)) == ["b", "c"])
                try spool.acknowledge(through: 2)
                #expect(throws: SpoolError.self) { try spool.returnToDisk() }
                #expect(try spool.append([record("d")]).last == 4)
                try disk.repair()
                #expect(try spool.returnToDisk() == nil)
                #expect(try !spool.size().isInMemory)
                #expect(try spool.append([record("e")]).last == 5)
                #expect(try spool.states() == [change])
            }
            let next = try Spool(folder: folder)
            #expect(next.movedAside == nil)
            #expect(next.isWhole)
            #expect(try next.watermark() == 2)
            #expect(texts(try next.next(after: 0, limit: 9)) == ["a", "b", "c", "d", "e"])
        }
    }

    @Test("a disk that is read-only at the start is said to be unusable, with the remedy")
    func readOnly() async throws {
        try await SmallDisk.with(size: 16 << 20) { disk in
            try disk.becomeReadOnly()
            let error = #expect(throws: SpoolError.self) { try Spool(folder: disk.path) }
            #expect(error?.code == .unusable)
            #expect(error?.description.contains("Read-only") == true, "\(error?.description ?? "")")
            #expect(error?.hint.contains("spool.path") == true)
        }
    }

    @Test(
        "the way back to a disk that others fill up: what waits finds room in the place of what was sent, and no position comes twice",
        arguments: [3_400, 4_000]
    )
    func tightReturn(settled: Int64) async throws {
        try await SmallDisk.with(size: 8 << 20) { disk in
            let spool = try Spool(folder: disk.path + "/spool")
            for _ in 0..<30 { try spool.append((0..<100).map { _ in record(Self.large) }) }
            try spool.acknowledge(through: 3_000)
            try spool.leaveDisk()
            for _ in 0..<10 { try spool.append((0..<100).map { _ in record(Self.large) }) }
            try spool.acknowledge(through: settled)
            try disk.fill()
            #expect(try spool.returnToDisk() == nil)
            #expect(try spool.size().isDiskFull)
            #expect(try spool.watermark() == settled)
            #expect(try spool.next(after: settled, limit: .max).map(\.position) == Array(settled + 1..<4_001))
            #expect(try spool.append([record("a")]).last == 4_001)
            #expect(try spool.next(after: 4_000, limit: .max).map(\.position) == [4_001])
        }
    }

    @Test("what was sent from the disk meanwhile gives way on the way back, and nothing that waits has to")
    func tightReturnOfSent() async throws {
        try await SmallDisk.with(size: 8 << 20) { disk in
            let limits = SpoolLimits(whenFull: .dropNewest)
            let spool = try Spool(folder: disk.path + "/spool", limits: limits)
            for _ in 0..<30 { try spool.append((0..<100).map { _ in record(Self.large) }) }
            try spool.leaveDisk()
            for _ in 0..<10 { try spool.append((0..<100).map { _ in record(Self.large) }) }
            try spool.acknowledge(through: 3_000)
            try disk.fill()
            #expect(try spool.returnToDisk() == nil)
            #expect(try spool.next(after: 3_000, limit: .max).map(\.position) == Array(3_001...4_000))
        }
    }

    @Test("what had to go on a way back that failed is known in memory, until it has been told anew")
    func failedReturn() async throws {
        try await SmallDisk.with(size: 32 << 20) { disk in
            let spool = try Spool(folder: disk.path + "/spool")
            for _ in 0..<30 { try spool.append((0..<100).map { _ in record(Self.large) }) }
            try spool.leaveDisk()
            // One page of it is more than the disk has room for, however much of what waits there goes.
            let huge = String(repeating: "x", count: 20_000)
            for _ in 0..<3 { try spool.append((0..<100).map { _ in record(huge) }) }
            try disk.fill()
            #expect(throws: SpoolError.self) { try spool.returnToDisk() }
            #expect(try spool.size().isInMemory)
            #expect(try spool.givenUpNotes().map(\.host) == ["kvm01"])
            try spool.settle(spool.givenUpNotes())
            #expect(throws: SpoolError.self) { try spool.returnToDisk() }
            #expect(try spool.givenUpNotes() == [], "what has been told anew does not come back")
            disk.clear()
            #expect(try spool.returnToDisk() == nil)
            #expect(try spool.givenUpNotes() == [])
        }
    }

    @Test(
        "changes of state that the disk has no room for: what had to go before that is known in memory, and no more goes each time"
    )
    func failedReturnOfChanges() async throws {
        try await SmallDisk.with(size: 32 << 20) { disk in
            let spool = try Spool(folder: disk.path + "/spool")
            for _ in 0..<30 { try spool.append((0..<100).map { _ in record(Self.large) }) }
            try spool.leaveDisk()
            let name = String(repeating: "x", count: 20_000)
            for _ in 0..<10 {
                let changes = (0..<100).map { SpoolChange.domain("\($0)", name, at: 1) }
                try spool.append(SpoolBatch(records: (0..<20).map { _ in record(Self.large) }, changes: changes))
            }
            try disk.fill()
            #expect(throws: SpoolError.self) { try spool.returnToDisk() }
            #expect(try spool.givenUpNotes().map(\.host) == ["kvm01"])
            func first() throws -> Int64? { try spool.next(after: 0, limit: 1).first?.position }
            let left = try first()
            for _ in 0..<3 { #expect(throws: SpoolError.self) { try spool.returnToDisk() } }
            #expect(try first() == left)
            disk.clear()
            #expect(try spool.returnToDisk() == nil)
            #expect(try spool.states().count == 100)
        }
    }

    @Test("on the way back to a full disk what waits gives way for changes of state, too")
    func tightReturnOfChanges() async throws {
        try await SmallDisk.with(size: 32 << 20) { disk in
            let spool = try Spool(folder: disk.path + "/spool")
            for _ in 0..<30 { try spool.append((0..<100).map { _ in record(Self.large) }) }
            try spool.leaveDisk()
            let name = String(repeating: "x", count: 2_000)
            let changes = (0..<400).map { SpoolChange.domain("\($0)", name, at: 1) }
            try spool.append(SpoolBatch(records: [record("m")], changes: changes))
            try disk.fill()
            #expect(try spool.returnToDisk() == nil)
            #expect(try spool.states().count == 400)
            #expect(texts(try spool.next(after: 3_000, limit: 9)) == ["m"])
        }
    }

    @Test("a pause that is stored after a way back that began anew and failed is there after the next one")
    func pauseBetween() async throws {
        try await SmallDisk.with(size: 64 << 20) { disk in
            let spool = try Spool(folder: disk.path + "/spool")
            try spool.append([record("a")])
            try spool.replacePauses([
                HostPause(host: "a", until: nil, by: "op"), HostPause(host: "b", until: nil, by: "op"),
            ])
            try spool.leaveDisk()
            let huge = String(repeating: "x", count: 200_000)
            for _ in 0..<3 { try spool.append((0..<20).map { _ in record(huge) }) }
            for tail in ["", "-wal", "-shm"] {
                try FileManager.default.removeItem(atPath: "\(disk.path)/spool/spool.sqlite\(tail)")
            }
            try disk.fill(leaving: 1 << 20)
            #expect(throws: SpoolError.self) { try spool.returnToDisk() }
            #expect(FileManager.default.fileExists(atPath: "\(disk.path)/spool/spool.sqlite"), "begun anew")
            disk.clear()
            let pauses = [HostPause(host: "b", until: 9, by: "op"), HostPause(host: "c", until: nil, by: "op")]
            try spool.replacePauses(pauses)
            #expect(try spool.returnToDisk() == nil)
            #expect(try spool.pauses() == pauses)
        }
    }

    @Test("a page that begins on the disk ends in memory, and what cannot be read there is not passed over")
    func border() async throws {
        try await SmallDisk.with(size: 64 << 20) { disk in
            let spool = try Spool(folder: disk.path)
            // More than SQLite remembers of it.
            for _ in 0..<100 { try spool.append((0..<100).map { _ in record(Self.large) }) }
            try spool.leaveDisk()
            try spool.append([record("c")])
            #expect(try spool.next(after: 9_998, limit: 9).map(\.position) == [9_999, 10_000, 10_001])
            #expect(try spool.next(after: 9_998, limit: 1).map(\.position) == [9_999])
            for tail in ["", "-wal"] {
                let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(disk.path)/spool.sqlite\(tail)"))
                try file.truncate(atOffset: 0)
            }
            #expect(throws: SpoolError.self) { try spool.next(after: 0, limit: 9) }
            #expect(throws: SpoolError.self) { try spool.events(at: [1, 10_001]) }
            #expect(texts(try spool.next(after: 10_000, limit: 9)) == ["c"])
        }
    }

    @Test("a disk that was full when the service ended does not keep the next one from starting")
    func fullStart() async throws {
        try await SmallDisk.with(size: 4 << 20) { disk in
            let folder = disk.path + "/spool"
            do {
                let spool = try Spool(folder: folder)
                try spool.append((0..<100).map { _ in record(Self.large) })
                try spool.acknowledge(through: 50)
            }
            try disk.fill()
            let spool = try Spool(folder: folder)
            #expect(try spool.waiting() == 50)
            #expect(try spool.append([record("a")]).last == 101)
        }
    }

    @Test("a database that is damaged while it is used is put aside when the spool returns to the disk")
    func damagedMeanwhile() async throws {
        try await SmallDisk.with(size: 16 << 20) { disk in
            let spool = try Spool(folder: disk.path)
            try spool.append([record("a")])
            try spool.leaveDisk()
            try spool.append([record("b")])
            for tail in ["-wal", "-shm"] {
                try FileManager.default.removeItem(atPath: "\(disk.path)/spool.sqlite\(tail)")
            }
            try Data(repeating: 7, count: 20_000).write(to: URL(fileURLWithPath: "\(disk.path)/spool.sqlite"))
            #expect(try spool.returnToDisk() == "\(disk.path)/spool.sqlite.damaged-1")
            #expect(try spool.next(after: 0, limit: 9).map(\.position).last == 2)
            #expect(try spool.append([record("c")]).last == 3)
        }
    }
}
