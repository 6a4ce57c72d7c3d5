import Foundation
import Spool
import Testing

/// The way back from memory to a database that is not what it was.
@Suite("Spool's way back to the disk")
struct SpoolReturnTests {
    private let folder = SpoolFolder()
    private var path: String { folder.path + "/spool.sqlite" }

    @Test("a database that has lost its tail is gone on with, and what stood beside its records in both is there once")
    func lostTail() throws {
        let files = FileManager.default
        let pause = HostPause(host: "a", until: nil, by: "op")
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
}
