import Foundation
import TestSupport
import Testing

@Suite("Which events were heard")
struct MatchingTests {
    private typealias Made = MadeUpCase

    @Test("of events of one kind it is the right one that is missed, and what comes late finds its own")
    func matching() throws {
        let happened = [
            Made.heard(1, "suspended paused"), Made.heard(5, "suspended paused"), Made.heard(9, "suspended paused"),
        ]
        func lives(_ seconds: Double...) throws -> [BusLife] {
            try seconds.map { second in
                var event = Made.life("suspended", second)
                event = BusEvent(tag: "domain/lifecycle", data: event.data)
                return try #require(BusLife(event))
            }
        }
        let (one, all, more) = (try lives(1, 9), try lives(1.1, 9.1, 9.2), try lives(0, 1, 5, 9))
        #expect(Matching(direct: happened, heard: one).missed == [happened[1]])
        #expect(Matching(direct: happened, heard: all, isSlow: { _, _ in true }).missed == [])
        #expect(Matching(direct: happened, heard: more).unheard.count == 1)
        let (early, late) = (try lives(6), try lives(5.2))
        #expect(Matching(direct: happened, heard: one, derived: early).missed == [happened[1]])
        #expect(Matching(direct: happened, heard: one, derived: late).missed == [])
    }

    @Test("only where something holds it up an event may be under way for long")
    func way() throws {
        let happened = [Made.heard(1, "suspended paused")]
        let event = BusEvent(tag: "domain/lifecycle", data: Made.life("suspended", 4).data)
        let heard = [try #require(BusLife(event))]
        #expect(Matching(direct: happened, heard: heard).missed == happened)
        #expect(Matching(direct: happened, heard: heard, isSlow: { _, _ in true }).missed == [])
    }
}
