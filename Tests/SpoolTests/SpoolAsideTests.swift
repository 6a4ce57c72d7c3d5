import Foundation
import Spool
import Testing

/// A damaged database that is put aside, by somebody who dies or has no room in the middle of it.
@Suite("Spool's damaged databases")
struct SpoolAsideTests {
    private let hearings = [HostHearing(host: "a", time: 7)]
    private let change = SpoolChange.domain("a", "running", at: 7)

    /// Makes a spool with a bit of everything, and damages what waits in it.
    private func makeDamaged(in folder: String) throws {
        do {
            let spool = try Spool(folder: folder)
            #expect(try spool.keep(HearingNote(hearings: hearings)))
            try spool.append(SpoolBatch(changes: [change]))
            for _ in 0..<50 { try spool.append((0..<20).map { _ in record(String(repeating: "x", count: 500)) }) }
        }
        let path = folder + "/spool.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes.replaceSubrange((bytes.count / 2)..<(bytes.count / 2 + 4_096), with: Array(repeating: 0x55, count: 4_096))
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    private func expectSalvaged(_ spool: Spool, in folder: String) throws {
        #expect(spool.movedAside == folder + "/spool.sqlite.damaged-1")
        #expect(try spool.hearings() == hearings)
        #expect(try spool.states() == [change])
        #expect(try !spool.givenUp().isEmpty)
    }

    @Test(
        "whoever dies between putting it aside and taking from it what can be read leaves that to the next",
        arguments: [false, true]
    )
    func killed(isBegun: Bool) throws {
        let folder = SpoolFolder()
        let path = folder.path + "/spool.sqlite"
        try makeDamaged(in: folder.path)
        let files = FileManager.default
        try files.createSymbolicLink(atPath: path + ".aside", withDestinationPath: "spool.sqlite.damaged-1")
        try files.moveItem(atPath: path, toPath: path + ".damaged-1")
        if isBegun {
            try files.createDirectory(atPath: folder.path + "/new", withIntermediateDirectories: false)
            _ = try Spool(folder: folder.path + "/new")
            try files.moveItem(atPath: folder.path + "/new/spool.sqlite", toPath: path)
        }
        try expectSalvaged(Spool(folder: folder.path), in: folder.path)
        let next = try Spool(folder: folder.path)
        #expect(next.movedAside == nil, "once")
        #expect(try next.states() == [change])
    }

    @Test("one that is in use has what it was to have, and who removes it on purpose gets no older one back")
    func removed() throws {
        let folder = SpoolFolder()
        let path = folder.path + "/spool.sqlite"
        try makeDamaged(in: folder.path)
        try expectSalvaged(Spool(folder: folder.path), in: folder.path)
        let files = FileManager.default
        try files.createSymbolicLink(atPath: path + ".aside", withDestinationPath: "spool.sqlite.damaged-1")
        #expect(try Spool(folder: folder.path).movedAside == nil)
        try files.removeItem(atPath: path)
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == nil)
        #expect(try spool.hearings() == [])
    }

    @Test(
        "whichever table is damaged, the service starts",
        arguments: ["host-300", "uuid-of-300", "op-300", "gone-300"],
        Damage.Extent.allCases
    )
    func smallTables(text: String, extent: Damage.Extent) throws {
        let folder = SpoolFolder()
        let path = folder.path + "/spool.sqlite"
        do {
            let spool = try Spool(folder: folder.path)
            try Damage.fillSmallTables(of: spool)
        }
        try Damage.leaf(of: path, with: text, extent)
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == path + ".damaged-1")
        _ = (try spool.hearings(), try spool.identities(), try spool.pauses(), try spool.givenUp())
    }

    @Test(
        "on a disk that is full at that moment, too, what can be read is taken from it",
        .enabled(if: SmallDisk.isPossible, "needs root, to mount a small disk"),
        arguments: [0, 64, 128, 256]
    )
    func full(free: Int) async throws {
        try await SmallDisk.with(size: 4 << 20) { disk in
            let folder = disk.path + "/spool"
            try makeDamaged(in: folder)
            try disk.fill(leaving: free << 10)
            try expectSalvaged(Spool(folder: folder), in: folder)
        }
    }
}
