import Connections
import Spool
import Testing

@testable import Aggregator

@Suite("What is told anew")
struct RetellingTests {
    private let first = [GivenUp.Note(host: "a", revision: 5), GivenUp.Note(host: "b", revision: 5)]

    private func take(_ queue: inout JournalQueue, _ host: String) {
        var entry = JournalEntry(
            record: SpoolRecord(time: 1, host: host, object: "o", kind: "k", subject: "", bytes: [])
        )
        entry.origin = JournalEntry.Origin(host: host, since: Timestamp(microseconds: 1))
        _ = queue.take([entry], of: nil, at: .zero)
    }

    /// Looks as the upkeep does, and gives the hosts that are done with.
    private func look(_ retelling: inout Retelling, _ queue: inout JournalQueue, untold: Set<String>) -> [String] {
        let mark = queue.mark(at: .seconds(100))
        return retelling.look(untold: untold, mark: mark, losses: queue.losses(before:)).map(\.host).sorted()
    }

    @Test("it is known until the host's watcher has told it, and the journal has committed that")
    func done() {
        var queue = JournalQueue()
        var retelling = Retelling()
        #expect(retelling.new(among: first) == first)
        retelling.began(first)
        #expect(retelling.new(among: first) == [])
        #expect(look(&retelling, &queue, untold: ["a"]) == ["b"])
        #expect(look(&retelling, &queue, untold: ["a"]) == [])
        take(&queue, "a")
        #expect(look(&retelling, &queue, untold: []) == [])
        _ = queue.begin()
        // What comes after that is not waited for.
        take(&queue, "a")
        #expect(look(&retelling, &queue, untold: []) == [])
        _ = queue.committed(last: 1, at: .zero)
        #expect(look(&retelling, &queue, untold: []) == ["a"])
        #expect(retelling.isEmpty)
    }

    @Test("what the journal has lost of it is told anew once more, before it is forgotten")
    func lostAgain() {
        var queue = JournalQueue()
        var retelling = Retelling()
        retelling.began([first[0]])
        take(&queue, "a")
        #expect(look(&retelling, &queue, untold: []) == [])
        _ = queue.begin()
        _ = queue.refused(at: .seconds(100))
        #expect(look(&retelling, &queue, untold: []) == [])
        #expect(!queue.takeLosses(at: .seconds(200)).isEmpty)
        #expect(look(&retelling, &queue, untold: ["a"]) == [])
        let mark = queue.mark(at: .seconds(300))
        #expect(retelling.look(untold: [], mark: mark, losses: queue.losses(before:)) == [first[0]])
    }

    @Test("what has gone meanwhile is told anew for itself, unless it had been sent")
    func more() {
        var queue = JournalQueue()
        var retelling = Retelling()
        retelling.began([first[0]])
        let more = [GivenUp.Note(host: "a", revision: 9), GivenUp.Note(host: "b", revision: 9)]
        #expect(retelling.new(among: more) == more)
        #expect(retelling.lostNothing(more) == [more[1]])
        #expect(retelling.new(among: more) == [more[1]])
        let mark = queue.mark(at: .seconds(100))
        #expect(retelling.look(untold: [], mark: mark, losses: queue.losses(before:)) == [more[0]])
    }
}
