import Foundation
import Spool
import Testing

@Suite("Hearing in the spool")
struct HostHearingTests {
    private let folder = SpoolFolder()

    private func heard(_ host: String, _ object: String = "", at time: Int64) -> HostHearing {
        HostHearing(host: host, object: object, time: time)
    }

    @Test("it survives being reopened, is replaced row by row, and goes with its host")
    func survives() throws {
        do {
            let spool = try Spool(folder: folder.path)
            #expect(try spool.hearings() == [])
            let note = HearingNote(
                hearings: [heard("a", at: 1), heard("a", "domain", at: 1), heard("b", at: 2)],
                identities: [HostIdentity(host: "a", uuid: "u"), HostIdentity(host: "b", uuid: "v")]
            )
            #expect(try spool.keep(note))
        }
        do {
            let spool = try Spool(folder: folder.path)
            #expect(
                try spool.hearings() == [heard("a", at: 1), heard("a", "domain", at: 1), heard("b", at: 2)]
            )
            let note = HearingNote(
                hearings: [heard("a", at: 3)],
                identities: [HostIdentity(host: "a", uuid: "w")],
                gone: ["b"]
            )
            #expect(try spool.keep(note))
        }
        let spool = try Spool(folder: folder.path)
        #expect(try spool.hearings() == [heard("a", at: 3), heard("a", "domain", at: 1)])
        #expect(try spool.identities() == [HostIdentity(host: "a", uuid: "w")])
    }

    @Test("what looks back sees when each connection was last heard")
    func history() throws {
        let spool = try Spool(folder: folder.path)
        #expect(try spool.keep(HearingNote(hearings: [heard("a", at: 1), heard("a", "domain", at: 1)])))
        #expect(try SpoolHistory(folder: folder.path).hearings() == [heard("a", at: 1)])
    }

    @Test("while records are kept in memory there is nowhere to note it, and afterwards there is")
    func memory() throws {
        let spool = try Spool(folder: folder.path)
        try spool.leaveDisk()
        let note = HearingNote(hearings: [heard("a", at: 1)])
        #expect(try spool.keep(note) == false)
        #expect(try spool.returnToDisk() == nil)
        #expect(try spool.keep(note))
        #expect(try spool.hearings() == [heard("a", at: 1)])
    }

    private static let up = SpoolChange(
        time: 5,
        host: "a",
        object: "host",
        key: "",
        name: "",
        active: true,
        state: "up"
    )

    @Test(
        "of a database that is damaged at the start it is read as far as it can be, and everything counts as given up"
    )
    func damaged() throws {
        let down = SpoolChange(time: 3, host: "b", object: "host", key: "", name: "", exists: false, state: "down")
        let note = HearingNote(
            hearings: [heard("a", at: 7), heard("a", "domain", at: 6)],
            identities: [HostIdentity(host: "a", uuid: "u")]
        )
        do {
            let spool = try Spool(folder: folder.path)
            #expect(try spool.keep(note))
            try spool.append(SpoolBatch(changes: [Self.up, down]))
            for _ in 0..<50 { try spool.append((0..<20).map { _ in record(String(repeating: "x", count: 500)) }) }
        }
        let path = folder.path + "/spool.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes.replaceSubrange((bytes.count / 2)..<(bytes.count / 2 + 4_096), with: Array(repeating: 0x55, count: 4_096))
        try bytes.write(to: URL(fileURLWithPath: path))
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == "\(path).damaged-1")
        #expect(try spool.hearings() == note.hearings)
        #expect(try spool.identities() == note.identities)
        #expect(try spool.states() == [Self.up, down])
        #expect(
            try spool.givenUp() == [
                GivenUp(host: "a", time: 7, revision: 1_001), GivenUp(host: "b", time: 3, revision: 1_000),
            ]
        )
        #expect(try 900..<1_000 ~= spool.waiting(), "all but a page")
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(path).damaged-1")) == bytes)
    }

    @Test("a database that is begun anew while the service runs has what the former one knew, and what waited there")
    func begunAnew() throws {
        let spool = try Spool(folder: folder.path)
        try spool.append(SpoolBatch(records: [record("lost", host: "a")], changes: [Self.up]))
        #expect(try spool.keep(HearingNote(hearings: [heard("a", at: 7)])))
        try spool.leaveDisk()
        for tail in ["", "-wal", "-shm"] {
            try FileManager.default.removeItem(atPath: "\(folder.path)/spool.sqlite\(tail)")
        }
        #expect(spool.begunAnew == 0)
        #expect(try spool.returnToDisk() == nil)
        #expect(spool.begunAnew == 0)
        #expect(try spool.hearings() == [heard("a", at: 7)])
        #expect(try spool.states() == [Self.up])
        #expect(try spool.givenUp() == [])
        #expect(texts(try spool.next(after: 0, limit: 9)) == ["lost"])
    }

    private static func end(of domain: String, _ time: Int64) -> SpoolChange {
        SpoolChange(
            time: time,
            host: "a",
            object: "domain",
            key: domain,
            name: "",
            exists: false,
            persistent: false,
            active: false,
            state: ""
        )
    }

    @Test("what ends in memory is not whole: at the next start everything counts as given up, once")
    func endsInMemory() throws {
        do {
            let spool = try Spool(folder: folder.path)
            #expect(spool.isWhole)
            var new = Self.end(of: "new", 5)
            (new.name, new.exists) = ("vm", true)
            try spool.append(SpoolBatch(changes: [Self.up, new, Self.end(of: "old", 6), Self.end(of: "new", 8)]))
            #expect(try spool.keep(HearingNote(hearings: [heard("a", at: 7), heard("gone", at: 1)])))
            try spool.leaveDisk()
        }
        do {
            let spool = try Spool(folder: folder.path)
            #expect(!spool.isWhole)
            let ended = [GivenUp.Object(object: "domain", key: "new", name: "vm")]
            #expect(try spool.givenUp() == [GivenUp(host: "a", time: 7, objects: ended)])
            try spool.settle(spool.givenUpNotes())
            try spool.leaveDisk()
            _ = try spool.returnToDisk()
        }
        let spool = try Spool(folder: folder.path)
        #expect(spool.isWhole)
        #expect(try spool.givenUp() == [])
    }
}
