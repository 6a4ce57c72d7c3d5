import Foundation
import Spool
import Testing

@Suite("Spool's disk that cannot be read")
struct SpoolUnreadTests {
    private let folder = SpoolFolder()
    private let lost = [GivenUp(host: "a", time: 3)]

    @Test("nothing is given up of a disk that works")
    func works() throws {
        let spool = try Spool(folder: folder.path)
        try spool.append([record("1")])
        #expect(spool.lastOnDisk == nil)
        #expect(try spool.giveUpUnread(after: 0, of: lost) == nil)
        #expect(try spool.givenUp() == [])
    }

    @Test(
        "what was given up unread is noted at once, and what it was once it can be read, told anew meanwhile or not",
        arguments: [false, true]
    )
    func comesBack(isReplaced: Bool) throws {
        let spool = try Spool(folder: folder.path)
        let gap = record("gap", time: 2, host: "b", object: "host", kind: "gap")
        try spool.append([record("1", host: "c"), gap, record("3", time: 4, host: "a", key: "uuid")])
        try spool.leaveDisk()
        try spool.append([record("4", host: "d")])
        #expect(try spool.giveUpUnread(after: 2, of: lost) == 3)
        #expect(try spool.giveUpUnread(after: 1, of: lost) == 3)
        #expect(try spool.givenUp().map(\.host) == ["a"])
        try spool.settle(spool.givenUpNotes())
        try spool.acknowledge(through: 3)
        for tail in ["", "-wal", "-shm"] where isReplaced {
            try FileManager.default.removeItem(atPath: "\(folder.path)/spool.sqlite\(tail)")
        }
        #expect(try spool.returnToDisk() == nil)
        let found = try spool.givenUp()
        #expect(found.map(\.host) == ["a", "b"])
        #expect(found.map(\.objects) == [[GivenUp.Object(object: "domain", key: "uuid", name: "vm")], []])
        #expect(found.map(\.gap) == [nil, gap.bytes])
        #expect(found.map(\.time) == [4, 2])
        #expect(try spool.watermark() == 3)
        try spool.settle(found.map(\.note))
        try spool.leaveDisk()
        #expect(try spool.returnToDisk() == nil)
        #expect(try spool.givenUp() == [], "once")
    }
}
