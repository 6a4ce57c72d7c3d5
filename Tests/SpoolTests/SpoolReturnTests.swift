import Foundation
import Spool
import Testing

/// The way back from memory to a database that is not what it was.
@Suite("Spool's way back to the disk")
struct SpoolReturnTests {
    private let folder = SpoolFolder()
    private let pause = HostPause(host: "a", until: nil, by: "op")
    private var path: String { folder.path + "/spool.sqlite" }

    @Test("a database that has lost its tail is gone on with, and what stood beside its records in both is there once")
    func lostTail() throws {
        let files = FileManager.default
        do {
            let spool = try Spool(folder: folder.path)
            try spool.replacePauses([pause])
            try spool.append([record("1")])
        }
        try files.copyItem(atPath: path, toPath: path + ".copy")
        let spool = try Spool(folder: folder.path)
        try spool.append([record("2"), record("3")])
        try spool.leaveDisk()
        try spool.append([record("4")])
        for tail in ["", "-wal", "-shm"] { try files.removeItem(atPath: path + tail) }
        try files.moveItem(atPath: path + ".copy", toPath: path)
        #expect(try spool.returnToDisk() == nil)
        #expect(try spool.pauses() == [pause])
        #expect(try spool.append([record("5")]).last == 5)
    }

    @Test("what was settled on the disk and in memory is settled once, however it meets")
    func settledInBoth() throws {
        let spool = try Spool(folder: folder.path)
        try spool.append((1...20).map { record("\($0)") })
        try spool.acknowledge(through: 3, ahead: [5...10, 15...20])
        try spool.leaveDisk()
        try spool.append([record("21")])
        try spool.acknowledge(through: 3, ahead: [11...14])
        _ = try spool.returnToDisk()
        #expect(try spool.settledAhead() == [5...20])
        #expect(try spool.waiting() == 2)
    }

    private let limits = SpoolLimits(bytes: 1 << 20)
    private let batch = (0..<20).map { _ in record(String(repeating: "x", count: 500)) }

    /// A spool with damage among what was sent, where nothing looks when it is opened.
    private func damaged() throws -> Spool {
        do {
            let spool = try Spool(folder: folder.path, limits: limits)
            try spool.replacePauses([pause])
            for _ in 0..<40 { try spool.append(batch) }
            try spool.acknowledge(through: spool.last)
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let page = bytes.count / 4_096 / 3 * 4_096
        bytes.replaceSubrange(page..<page + 4_096, with: Array(repeating: 0x55, count: 4_096))
        try bytes.write(to: URL(fileURLWithPath: path))
        let spool = try Spool(folder: folder.path, limits: limits)
        #expect(spool.movedAside == nil)
        return spool
    }

    @Test("damage that is met by who makes room is put aside on the way back, and there is room again")
    func damageUnderRoom() throws {
        let spool = try damaged()
        #expect(throws: SpoolError.self) { for _ in 0..<100 { try spool.append(batch) } }
        #expect(spool.isDamaged)
        try spool.leaveDisk()
        let last = try spool.append(batch).last
        let (watermark, givenUp) = (try spool.watermark(), try spool.givenUp())
        #expect(try spool.returnToDisk() == path + ".damaged-1")
        #expect(!spool.isDamaged)
        // What waits was not concerned.
        #expect(spool.begunAnew == 0)
        #expect(try spool.givenUp() == givenUp)
        #expect(try spool.next(after: watermark, limit: .max).map(\.position) == Array(watermark + 1...last))
        #expect(try spool.pauses() == [pause])
        for round in 1...100 { #expect(try spool.append(batch).last == last + Int64(20 * round)) }
        #expect(try spool.size().bytes <= limits.bytes)
    }

    @Test("damage that is met by who reads is put aside on the way back, once, and never a database that is whole")
    func damageUnderReader() throws {
        let spool = try damaged()
        #expect(throws: SpoolError.self) { try spool.next(after: 0, limit: .max) }
        #expect(spool.isDamaged)
        for aside in [path + ".damaged-1", nil] {
            try spool.leaveDisk()
            #expect(try spool.returnToDisk() == aside)
            #expect(!spool.isDamaged)
        }
        #expect(try spool.next(after: 0, limit: .max) == [])
    }

    @Test("damage that only the way back meets is put aside by the next one")
    func damageOnTheWay() throws {
        let changes = (0..<500).map { SpoolChange.domain("vm\($0)", "running", at: Int64($0)) }
        do {
            let spool = try Spool(folder: folder.path)
            try spool.append(SpoolBatch(records: [record("1")], changes: changes))
            try spool.acknowledge(through: 1)
        }
        // Of the index of their names, by which the latest states are not looked up.
        try Damage.leaf(of: path, with: "uuid-vm300")
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == nil)
        try spool.leaveDisk()
        try spool.append(SpoolBatch(records: [record("2")], changes: [.domain("vm300", "shutoff", at: 999)]))
        #expect(throws: SpoolError.self) { try spool.returnToDisk() }
        #expect(spool.isDamaged)
        #expect(try spool.returnToDisk() == path + ".damaged-1")
        #expect(try spool.states().count == 500)
        #expect(try spool.states().last?.state == "shutoff")
        #expect(texts(try spool.next(after: 1, limit: 9)) == ["2"])
    }

    @Test(
        "damage in a small table that was whole at the start is met by whoever uses it",
        arguments: ["uuid-of-300", "op-300", "gone-300"]
    )
    func damageUnderSmallTables(text: String) throws {
        do {
            let spool = try Spool(folder: folder.path)
            try Damage.fillSmallTables(of: spool)
            // More than SQLite remembers.
            for _ in 0..<100 { try spool.append((0..<100).map { _ in record(String(repeating: "x", count: 1_000)) }) }
        }
        let spool = try Spool(folder: folder.path)
        try Damage.leaf(of: path, with: text)
        #expect(throws: SpoolError.self) { try Damage.fillSmallTables(of: spool) }
        #expect(spool.isDamaged)
    }

    @Test("of what waits only what is on a damaged page is lost, and it is known that something is")
    func damageUnderWaiting() throws {
        let up = SpoolChange(time: 3, host: "a", object: "host", key: "", name: "", exists: true, state: "up")
        do {
            let spool = try Spool(folder: folder.path)
            try spool.append(SpoolBatch(changes: [up]))
            for position in 1...10_000 where position.isMultiple(of: 100) {
                try spool.append(
                    (position - 99...position).map { record("\($0) " + String(repeating: "x", count: 1_000)) }
                )
            }
            try spool.acknowledge(through: 10, ahead: [13...14])
        }
        let spool = try Spool(folder: folder.path)
        try Damage.leaf(of: path, with: "5000 xxx")
        #expect(throws: SpoolError.self) { try spool.next(after: 0, limit: .max) }
        try spool.leaveDisk()
        try spool.acknowledge(through: 20)
        try spool.append([record("m")])
        #expect(try spool.returnToDisk() == path + ".damaged-1")
        #expect(spool.begunAnew == 1)
        #expect(try spool.givenUp().map(\.host) == ["a"])
        let left = try spool.next(after: 0, limit: .max).map(\.position)
        #expect(left.first == 21)
        #expect(left.last == 10_001)
        #expect(!left.contains(5_000))
        #expect(left.count > 9_970)
    }

    @Test("of what waits only what is on a damaged page is lost, at the start too, whoever dies while that is saved")
    func damageUnderWaitingAtStart() throws {
        do {
            let spool = try Spool(folder: folder.path)
            for position in 1...1_000 where position.isMultiple(of: 100) {
                try spool.append(
                    (position - 99...position).map { record("\($0) " + String(repeating: "x", count: 1_000)) }
                )
            }
            try spool.acknowledge(through: 10, ahead: [13...14])
        }
        try Damage.leaf(of: path, with: "500 xxx")
        for isInterrupted in [true, false] {
            let spool = try Spool(folder: folder.path)
            #expect(spool.movedAside == path + ".damaged-1")
            #expect(try spool.watermark() == 10)
            #expect(try spool.settledAhead() == [13...14])
            #expect(spool.last == 1_000)
            let left = try spool.next(after: 0, limit: .max).map(\.position)
            #expect(left.first == 11)
            #expect(left.last == 1_000)
            #expect(!left.contains(500))
            #expect(left.count > 980)
            if isInterrupted { try Damage.interruptSaving(of: path) }
        }
        #expect(try Spool(folder: folder.path).movedAside == nil)
    }
}
