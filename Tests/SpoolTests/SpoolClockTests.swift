import Spool
import Testing

/// What is left of the history when a clock was ahead for a while.
@Suite("Spool under a wrong clock")
struct SpoolClockTests {
    private let folder = SpoolFolder()
    private static let day: Int64 = 86_400_000_000
    private static let hour: Int64 = 3_600_000_000
    private let now = 20 * day
    private let ahead = 900 * day

    private func horizon() throws -> Int64 { try SpoolHistory(folder: folder.path).span().horizon }

    private func records(_ count: Int, of text: String = "x", at time: Int64) -> [SpoolRecord] {
        (0..<count).map { _ in record(text, time: time) }
    }

    @Test("where all of the oldest records are stamped ahead, states go by their age")
    func states() throws {
        let spool = try Spool(folder: folder.path)
        try spool.append(records(300, at: ahead))
        try spool.append(
            SpoolBatch(
                records: records(1, at: now),
                changes: [.domain("a", "running", at: now), .domain("a", "paused", at: now + Self.hour)]
            )
        )
        try spool.acknowledge(through: spool.last)
        try spool.maintain(now: now + 2 * Self.hour)
        #expect(try StateRows.times(in: folder.path) == [now, now + Self.hour])
        #expect(try horizon() <= now)
        try spool.maintain(now: now + 8 * Self.day)
        #expect(try StateRows.times(in: folder.path) == [now + Self.hour])
    }

    @Test("making room by such records neither takes the states nor makes all that is to come unknown")
    func room() throws {
        let spool = try Spool(folder: folder.path, limits: SpoolLimits(bytes: 1 << 20))
        let large = String(repeating: "x", count: 400)
        try spool.append(records(800, of: large, at: ahead))
        var time = now
        // Every step of making room has no record to go by but those, at first.
        while try spool.next(after: 0, limit: 1).first?.record.time == ahead {
            time += 1
            let change = SpoolChange.domain("a", "\(time)", at: time)
            try spool.append(SpoolBatch(records: records(1, of: large, at: time), changes: [change]))
            try spool.acknowledge(through: spool.last)
        }
        let (known, times) = (try horizon(), try StateRows.times(in: folder.path))
        #expect(known < time)
        #expect(times.suffix(Int(time - known) + 1) == Array(known...time)[...])
    }

    @Test(
        "what is stamped ahead goes by its age, however much it is, with what came after it, and not before",
        arguments: [1, 900, 12_345]
    )
    func records(count: Int) throws {
        let spool = try Spool(folder: folder.path)
        try spool.append(records(count, at: ahead))
        try spool.append(records(10, of: "old", at: now) + records(10, of: "young", at: now + Self.hour))
        try spool.acknowledge(through: spool.last)
        try spool.maintain(now: now + 7 * Self.day)
        #expect(try spool.next(after: 0, limit: .max).count == count + 20)
        try spool.maintain(now: now + 7 * Self.day + 1)
        #expect(try texts(spool.next(after: 0, limit: .max)) == Array(repeating: "young", count: 10))
    }

    @Test("once the clock is right again, what is from then on is known")
    func right() throws {
        let spool = try Spool(folder: folder.path)
        try spool.append(SpoolBatch(records: records(1, at: ahead), changes: [.domain("a", "running", at: ahead)]))
        try spool.acknowledge(through: 1)
        try spool.maintain(now: ahead)
        #expect(try horizon() > now)
        try spool.append(records(1, at: now))
        try spool.maintain(now: now)
        #expect(try horizon() <= now)
    }
}
