import Foundation
import Spool
import Testing

/// When the disk counts as having all that the bus may have been told.
@Suite("Spool's mark", .timeLimit(.minutes(10)))
struct SpoolMarkTests {
    private let folder = SpoolFolder()
    private var runDir: String { folder.path + "/run" }

    private func spool(boot: String) throws -> Spool {
        let spool = try Spool(folder: folder.path, runDir: runDir, boot: boot)
        try Self.fill(spool)
        return spool
    }

    /// Former versions had no mark and noted no hearing: where none is noted, nothing can be missing.
    private static func fill(_ spool: Spool) throws {
        let up = SpoolChange(time: 5, host: "a", object: "host", key: "", name: "", active: true, state: "up")
        try spool.append(SpoolBatch(changes: [up]))
        #expect(try spool.keep(HearingNote(hearings: [HostHearing(host: "a", time: 7)])))
    }

    @Test("who is killed in the same boot leaves everything; with the machine, all counts as given up, once")
    func boots() throws {
        #expect(try spool(boot: "1").isWhole)
        #expect(try spool(boot: "1").isWhole)
        do {
            let spool = try spool(boot: "2")
            #expect(!spool.isWhole)
            #expect(try spool.givenUpNotes().map(\.host) == ["a"])
            try spool.settle(spool.givenUpNotes())
        }
        let next = try spool(boot: "2")
        #expect(next.isWhole)
        #expect(try next.givenUpNotes() == [])
    }

    @Test("after an orderly end everything is on the disk in any boot, and until then in its own")
    func ends() throws {
        try spool(boot: "1").end()
        #expect(try spool(boot: "2").isWhole)
        #expect(try !spool(boot: "3").isWhole)
    }

    @Test("an end in memory is none that is in order")
    func endsInMemory() throws {
        do {
            let spool = try spool(boot: "1")
            try spool.leaveDisk()
            spool.end()
        }
        #expect(try !spool(boot: "1").isWhole)
    }

    @Test("what a former version left counts as it did, in whichever boot", arguments: [true, false])
    func former(isThere: Bool) throws {
        _ = try spool(boot: "1")
        try FileManager.default.removeItem(atPath: folder.path + "/whole")
        if isThere { try Data().write(to: URL(fileURLWithPath: folder.path + "/whole")) }
        #expect(try spool(boot: "2").isWhole == isThere)
        #expect(try spool(boot: "2").isWhole)
        #expect(try !spool(boot: "3").isWhole)
    }

    @Test("a machine's boot has one name, and the default is its own")
    func thisBoot() throws {
        let name = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        #expect(Spool.thisBoot + "\n" == name)
    }

    @Test(
        "a disk that breaks under the spool lets go of no mark, and the next start in the same boot knows all the same",
        .enabled(if: BrokenDisk.isPossible, "needs loop devices and ext4")
    )
    func breaks() async throws {
        let runDir = runDir
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try await BrokenDisk.with { disk in
            func spool() throws -> Spool { try Spool(folder: disk.path + "/spool", runDir: runDir, boot: "1") }
            do {
                let spool = try spool()
                try Self.fill(spool)
                try disk.fail()
                try spool.leaveDisk()
            }
            try disk.repair()
            do {
                let spool = try spool()
                #expect(!spool.isWhole)
                #expect(try spool.givenUpNotes().map(\.host) == ["a"])
                try spool.leaveDisk()
                #expect(try spool.returnToDisk() == nil)
            }
            #expect(try spool().isWhole)
        }
    }
}
