import Foundation
import Glibc
import Spool
import Testing

/// Reads that fail, which SQLite takes for damage; of a real disk that refuses them for a while.
@Suite(
    "Spool's doubts",
    .enabled("needs root, loop devices, ext4, and a kernel that says when nothing is behind them") {
        try await BrokenDisk.canRefuseReads()
    },
    .timeLimit(.minutes(10))
)
struct SpoolDoubtTests {
    /// Makes a spool of more than one read, most of which was sent.
    private static func fill(_ folder: String) throws {
        let spool = try Spool(folder: folder)
        for _ in 0..<10 { try spool.append((0..<100).map { _ in record(String(repeating: "x", count: 1_000)) }) }
        try spool.acknowledge(through: 500)
    }

    private static func entries(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("spool.sqlite.") }
    }

    @Test("a read that fails is no damage: the disk is left, and what waits is there when it can be read again")
    func running() async throws {
        try await BrokenDisk.with { disk in
            let folder = disk.path + "/spool"
            try Self.fill(folder)
            let spool = try Spool(folder: folder)
            try disk.refuseReads()
            #expect(throws: SpoolError.self) { try spool.next(after: 0, limit: .max) }
            #expect(spool.isDamaged, "as far as SQLite can tell")
            try spool.leaveDisk()
            #expect(try spool.append([record("m")]).last == 1_001)
            let error = #expect(throws: SpoolError.self) { try spool.returnToDisk() }
            #expect(error?.code == .unusable)
            try disk.allowReads()
            #expect(try spool.returnToDisk() == nil)
            #expect(!spool.isDamaged)
            #expect(spool.begunAnew == 0)
            #expect(try spool.next(after: 0, limit: .max).map(\.position) == Array(1...1_001))
            #expect(try Self.entries(folder) == [])
        }
    }

    @Test("what is well again by the time it is looked at is not put aside either")
    func passing() async throws {
        try await BrokenDisk.with { disk in
            let folder = disk.path + "/spool"
            try Self.fill(folder)
            let spool = try Spool(folder: folder)
            try disk.refuseReads()
            #expect(throws: SpoolError.self) { try spool.next(after: 0, limit: .max) }
            try disk.allowReads()
            try spool.leaveDisk()
            #expect(try spool.returnToDisk() == nil)
            #expect(!spool.isDamaged)
            #expect(try spool.next(after: 0, limit: .max).count == 1_000)
        }
    }

    @Test(
        "a disk that cannot be read at the start is said to be so, and its journal is taken up once it can be",
        arguments: [0, 256]
    )
    func start(kept: Int) async throws {
        try await BrokenDisk.with { disk in
            let folder = disk.path + "/spool"
            try Self.fill(folder)
            try disk.refuseReads(keeping: kept)
            #expect(throws: SpoolError.self) { try Spool(folder: folder) }
            try disk.allowReads()
            let spool = try Spool(folder: folder)
            #expect(spool.movedAside == nil)
            #expect(try spool.waiting() == 500)
            #expect(try Self.entries(folder) == [])
        }
    }

    @Test("what cannot be read for five minutes is put aside")
    func stays() async throws {
        try await BrokenDisk.with { disk in
            let folder = disk.path + "/spool"
            try Self.fill(folder)
            try disk.refuseReads()
            for _ in 0..<2 { #expect(throws: SpoolError.self) { try Spool(folder: folder) } }
            let mark = folder + "/spool.sqlite.unreadable"
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -300)],
                ofItemAtPath: mark
            )
            let spool = try Spool(folder: folder)
            #expect(spool.movedAside == folder + "/spool.sqlite.damaged-1")
            #expect(try Self.entries(folder).sorted().first == "spool.sqlite.damaged-1")
            #expect(!FileManager.default.fileExists(atPath: mark))
            #expect(try spool.append([record("a")]).last > 0)
        }
    }
}
