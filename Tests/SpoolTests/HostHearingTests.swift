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

    @Test("what ends in memory is not whole: at the next start everything counts as given up, once")
    func endsInMemory() throws {
        let up = SpoolChange(
            time: 5,
            host: "a",
            object: "host",
            key: "",
            name: "",
            exists: true,
            persistent: false,
            active: true,
            state: "up"
        )
        do {
            let spool = try Spool(folder: folder.path)
            #expect(spool.isWhole)
            try spool.append(SpoolBatch(changes: [up]))
            #expect(try spool.keep(HearingNote(hearings: [heard("a", at: 7), heard("gone", at: 1)])))
            try spool.leaveDisk()
        }
        do {
            let spool = try Spool(folder: folder.path)
            #expect(!spool.isWhole)
            #expect(try spool.givenUp() == [GivenUp(host: "a", time: 7)])
            try spool.settle(spool.givenUp())
            try spool.leaveDisk()
            _ = try spool.returnToDisk()
        }
        let spool = try Spool(folder: folder.path)
        #expect(spool.isWhole)
        #expect(try spool.givenUp() == [])
    }
}
