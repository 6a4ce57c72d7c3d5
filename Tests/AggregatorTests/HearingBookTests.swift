import Connections
import Spool
import Testing

@testable import Aggregator

@Suite("What is noted of the fleet's hearing")
struct HearingBookTests {
    private static func at(_ time: Int64) -> Timestamp { Timestamp(microseconds: time) }

    private func memory(_ connection: Int64?, domain: Int64? = nil, uuid: String? = nil) -> HostMemory {
        HostMemory(
            heard: LastHeard(
                connection: connection.map(Self.at),
                classes: domain.map { [.domain: Self.at($0)] } ?? [:]
            ),
            uuid: uuid
        )
    }

    @Test("only what has changed is written, and a host that has left is forgotten")
    func changes() {
        var book = HearingBook(["left": memory(1), "quiet": memory(1, domain: 1)])
        var fleet = ["quiet": memory(1, domain: 1), "new": memory(2, domain: 3, uuid: "u"), "never": memory(nil)]
        #expect(
            book.note(of: fleet)
                == HearingNote(
                    hearings: [
                        HostHearing(host: "new", time: 2), HostHearing(host: "new", object: "domain", time: 3),
                    ],
                    identities: [HostIdentity(host: "new", uuid: "u")],
                    gone: ["left"]
                )
        )
        // What could not be written is in the next note, too.
        #expect(!book.note(of: fleet).isEmpty)
        book.wrote(fleet)
        #expect(book.note(of: fleet).isEmpty)
        fleet["new"] = memory(5, domain: 3, uuid: "u")
        #expect(book.note(of: fleet) == HearingNote(hearings: [HostHearing(host: "new", time: 5)]))
    }

    @Test("what is not of interest any more is forgotten, and the rest of the host written again")
    func less() {
        let book = HearingBook(["a": memory(1, domain: 1, uuid: "u")])
        #expect(
            book.note(of: ["a": memory(1, uuid: "u")])
                == HearingNote(
                    hearings: [HostHearing(host: "a", time: 1)],
                    identities: [HostIdentity(host: "a", uuid: "u")],
                    gone: ["a"]
                )
        )
    }

    @Test("that a class is away is noted, and that it is not any more")
    func away() {
        var away = memory(4, domain: 3)
        away.heard.away = [.domain]
        let note = HearingBook(["a": memory(4, domain: 3)]).note(of: ["a": away])
        #expect(note == HearingNote(hearings: [HostHearing(host: "a", object: "away:domain", time: 3)]))
        let all = HearingBook().note(of: ["a": away])
        #expect(HostMemory.byHost(all.hearings, [], states: [], now: Self.at(10)) == ["a": away])
        #expect(HearingBook(["a": away]).note(of: ["a": away]).isEmpty)
        let back = HearingBook(["a": away]).note(of: ["a": memory(4, domain: 3)])
        #expect(back.gone == ["a"])
        #expect(HostMemory.byHost(back.hearings, [], states: [], now: Self.at(10)) == ["a": memory(4, domain: 3)])
    }

    @Test("what is read is what was written, and no proof is later than now")
    func roundTrip() {
        let fleet = ["a": memory(4, domain: 3, uuid: "u"), "b": memory(9)]
        let note = HearingBook().note(of: fleet)
        #expect(HostMemory.byHost(note.hearings, note.identities, states: [], now: Self.at(10)) == fleet)
        let early = HostMemory.byHost(note.hearings, note.identities, states: [], now: Self.at(5))
        #expect(early["b"] == memory(5))
    }

    @Test(
        "where nothing is noted the last word on the connection stands in, some time before it if that was its loss",
        arguments: [(true, 90_000_000), (false, 30_000_000)] as [(Bool, Int64)]
    )
    func formerVersions(isHeard: Bool, proof: Int64) {
        let word = SpoolChange(
            time: 90_000_000,
            host: "a",
            object: "host",
            key: "",
            name: "",
            exists: isHeard,
            state: "up"
        )
        let other = SpoolChange(time: 7, host: "c", object: "domain", key: "", name: "", state: "listed")
        let now = Self.at(100_000_000)
        #expect(HostMemory.byHost([], [], states: [word, other], now: now) == ["a": memory(proof)])
        let object = SpoolChange(time: 95_000_000, host: "a", object: "domain", key: "k", name: "d", state: "running")
        let heard = HostMemory.byHost([], [], states: [word, object], now: now)
        #expect(heard == ["a": memory(95_000_000)], "it has told of an object since")
        let noted = HostMemory.byHost([HostHearing(host: "a", time: 5)], [], states: [word], now: now)
        #expect(noted == ["a": memory(5)])
    }
}
