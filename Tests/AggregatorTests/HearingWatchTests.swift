import Connections
import Spool
import Testing

@testable import Aggregator

@Suite("When the fleet's hearing is noted")
struct HearingWatchTests {
    private static func entry(_ host: String) -> JournalEntry {
        var entry = JournalEntry(
            record: SpoolRecord(time: 1, host: host, object: "o", kind: "k", subject: "", bytes: [])
        )
        entry.origin = JournalEntry.Origin(host: host, since: Timestamp(microseconds: 1))
        return entry
    }

    private static func heard(_ time: Int64) -> HostMemory {
        HostMemory(heard: LastHeard(connection: Timestamp(microseconds: time)))
    }

    @Test("not before the journal has committed all that it had been given, whatever comes later")
    func order() {
        var queue = JournalQueue()
        var watch = HearingWatch([:])
        _ = queue.take((0..<4_000).map { _ in Self.entry("loud") }, of: nil, at: .zero)
        watch.take(["loud": Self.heard(5)], at: queue.mark(at: .zero))
        _ = queue.take([Self.entry("quiet")], of: nil, at: .zero)
        // What the disk did not take is under way as before.
        _ = queue.begin()
        queue.failed()
        var commits = 0
        while watch.due(queue.losses(before:)) == nil, commits < 100 {
            _ = queue.begin()
            _ = queue.committed(last: nil, at: .zero)
            commits += 1
        }
        #expect(queue.counts.committed == 4_001)
        #expect(!watch.isWaiting)
        // With nothing under way there is nothing to wait for.
        watch.take(["loud": Self.heard(5)], at: queue.mark(at: .zero))
        _ = queue.take([Self.entry("quiet")], of: nil, at: .zero)
        let due = watch.due(queue.losses(before:))
        #expect(due?.note == HearingNote(hearings: [HostHearing(host: "loud", time: 5)]))
    }

    @Test("a host of which something was lost stays as it was noted until its watcher knows of it")
    func losses() throws {
        var queue = JournalQueue()
        var watch = HearingWatch(["a": Self.heard(1), "b": Self.heard(1)])
        let fleet = ["a": Self.heard(5), "b": Self.heard(5), "c": Self.heard(5)]
        let others = ["b", "c"].map { HostHearing(host: $0, time: 5) }
        func look(at seconds: Int) throws -> HearingNote {
            watch.take(fleet, at: queue.mark(at: .seconds(seconds)))
            let due = watch.due(queue.losses(before:))
            return try #require(due).note
        }
        // Refused after the mark was set.
        _ = queue.take([Self.entry("a")], of: nil, at: .zero)
        watch.take(fleet, at: queue.mark(at: .zero))
        _ = queue.begin()
        _ = queue.refused(at: .zero)
        let found = watch.due(queue.losses(before:))
        let due = try #require(found)
        #expect(Set(due.note.hearings) == Set(others))
        #expect(due.note.gone == [])
        watch.wrote(due)
        // It waits to be handed on, was handed on a moment ago, and is known by now.
        #expect(try look(at: 30).isEmpty)
        #expect(queue.takeLosses(at: .seconds(31)).keys.sorted() == ["a"])
        #expect(try look(at: 32).isEmpty)
        #expect(try look(at: 60).hearings == [HostHearing(host: "a", time: 5)])
    }
}
