import Connections
import Foundation
import Logging
import SaltBus
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Replay", .timeLimit(.minutes(10)))
struct ReplayJobTests {
    /// A journal that takes records, and says so when it is told to.
    private final class Journal: Sendable {
        let records = Mutex<[SpoolRecord]>([])
        let isStuck = Atomic<Bool>(false)
        let waiting = Atomic<Int>(0)

        func take(_ new: [SpoolRecord], _ places: InFlight) {
            records.withLock { $0 += new }
            if !isStuck.load(ordering: .relaxed) { places.leave(new.count) }
        }

        var count: Int { records.withLock(\.count) }
    }

    private let folder = NSTemporaryDirectory() + "replay-\(UUID().uuidString)"
    private let scheduler = ManualScheduler()
    private let journal = Journal()

    private func job() -> ReplayJob {
        let (journal, folder) = (journal, folder)
        return ReplayJob(
            ReplayJob.Environment(
                open: { () throws(SpoolError) in try SpoolHistory(folder: folder) },
                take: { journal.take($0, $1) },
                waiting: { journal.waiting.load(ordering: .relaxed) },
                scheduler: scheduler,
                now: { Timestamp(microseconds: 5_000_000) },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
    }

    private func event(_ number: Int) throws -> [UInt8] {
        try UnstampedEvent(tag: Tag("salt/kvm01/domain/lifecycle"), entries: 1) { encoder in
            encoder.string("relay")
            encoder.value(.texts([("id", "0123456789abcdef/kvm01/\(number)")]))
        }.bytes
    }

    private func fill(_ count: Int, acknowledged: Int64) throws -> Spool {
        let spool = try Spool(folder: folder)
        try spool.append(
            try (1...count).map { number in
                SpoolRecord(
                    time: Int64(number),
                    host: number.isMultiple(of: 2) ? "kvm02" : "kvm01",
                    object: "domain",
                    kind: "lifecycle",
                    subject: "web",
                    bytes: try event(number)
                )
            }
        )
        try spool.acknowledge(through: acknowledged)
        return spool
    }

    private func request(_ body: String) throws -> ReplayRequest {
        try ReplayRequest(body: Array(body.utf8), now: Timestamp(microseconds: 5_000_000))
    }

    /// What a dry run comes to.
    private func counted(_ job: ReplayJob, _ body: String = "{}") async throws -> ReplayView {
        let id = try #require(try await job.count(try request(body)).id)
        return try await eventually("it is counted") { () -> ReplayView? in
            let view = await job.view(of: id)
            return view?.phase.isOver == true ? view : nil
        }
    }

    /// Lets time pass until the job is over.
    private func finish(_ job: ReplayJob) async throws -> ReplayView {
        try await eventually("it is over") {
            scheduler.advance(by: .milliseconds(100))
            return await job.view.phase.isOver
        }
        return await job.view
    }

    @Test(
        "copies have their mark, their id, and the position of what they repeat; what waits, is dead or a replay is left"
    )
    func copies() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let spool = try fill(6, acknowledged: 5)
        try spool.acknowledge(through: 0, letters: [DeadLetter(position: 4, time: 0, reason: "no")])
        for original: Int64? in [nil, 1] {
            try spool.append([
                SpoolRecord(
                    time: 9,
                    host: "kvm01",
                    object: "domain",
                    kind: "lifecycle",
                    subject: "",
                    replayOf: original,
                    bytes: [1]
                )
            ])
        }
        try spool.acknowledge(through: 8)
        let job = job()
        let started = try await job.start(try request("{}"), by: "alice")
        #expect(started.phase == .counting && started.selected.total == 0, "to count takes as long as it takes")
        let view = try await finish(job)
        #expect(view.id == started.id && view.counted == nil)
        #expect(view.phase == .done)
        #expect(view.selected.total == 6)
        #expect((view.sent, view.skipped) == (5, 1))
        #expect(view.isWhole)
        #expect(view.by == "alice")
        let records = journal.records.withLock { $0 }
        #expect(records.map(\.replayOf) == [1, 2, 3, 5, 6])
        #expect(records.map(\.time) == Array(repeating: 5_000_000, count: 5))
        #expect(records.map(\.host) == ["kvm01", "kvm02", "kvm01", "kvm01", "kvm02"])
        for record in records {
            let data = try UnstampedEvent(bytes: record.bytes).decoded().data
            #expect(data["relay"]?["id"] == .string("0123456789abcdef/kvm01/\(record.replayOf ?? 0)"))
            #expect(data["relay"]?["replay"] == .bool(true))
            #expect(record.level == nil)
        }
    }

    @Test("what still waits to be sent is not told again")
    func waiting() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try fill(6, acknowledged: 4)
        let job = job()
        _ = try await job.start(try request("{}"), by: "alice")
        #expect(try await finish(job).sent == 4)
    }

    @Test("a count changes nothing, and says how many of what from when to when")
    func dryRun() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try fill(5, acknowledged: 5)
        let job = job()
        let view = try await counted(job, #"{"dry_run": true}"#)
        #expect(view.phase == .dryRun)
        #expect(view.selected.total == 5)
        #expect(view.selected.kinds == ["domain/lifecycle": 5])
        #expect(view.selected.hosts == ["kvm01": 3, "kvm02": 2])
        #expect(view.selected.from == "1970-01-01T00:00:00.000001Z")
        #expect(view.selected.to == "1970-01-01T00:00:00.000005Z")
        #expect(journal.count == 0)
        #expect(await job.view == ReplayView())
    }

    @Test("goes no faster than it is told to", arguments: [10, 50, 400])
    func rate(_ rate: Int) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try fill(2_500, acknowledged: 2_500)
        let job = job()
        _ = try await job.start(try request(#"{"rate": \#(rate)}"#), by: "alice")
        let begin = scheduler.now
        for _ in 0..<30 {
            try await eventually("it rests") { !scheduler.pending.isEmpty }
            let elapsed = (scheduler.now - begin).seconds
            #expect(Double(journal.count) <= (elapsed * Double(rate)).rounded() + 1, "\(elapsed)")
            scheduler.advance(by: .milliseconds(100))
        }
        try await eventually("it rests") { !scheduler.pending.isEmpty }
        // And it does go as fast.
        #expect(Double(journal.count) >= 2.8 * Double(rate), "\(journal.count)")
        let end = Task { await job.stop() }
        try await eventually("it is over") {
            scheduler.advance(by: .milliseconds(100))
            return await job.view.phase.isOver
        }
        #expect(await end.value.phase == .stopped)
    }

    @Test("goes on only while few of its records wait for the journal")
    func held() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try fill(2_000, acknowledged: 2_000)
        journal.isStuck.store(true, ordering: .relaxed)
        let job = job()
        _ = try await job.start(try request(#"{"rate": 10000}"#), by: "alice")
        try await eventually("it is held") {
            scheduler.advance(by: .milliseconds(100))
            return await job.view.phase == .held
        }
        #expect(journal.count == ReplayJob.pendingLimit)
    }

    @Test("gives way while others wait for the bus, and goes on then")
    func givesWay() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try fill(10, acknowledged: 10)
        journal.waiting.store(ReplayJob.waitingLimit, ordering: .relaxed)
        let job = job()
        _ = try await job.start(try request("{}"), by: "alice")
        try await eventually("it is held") {
            scheduler.advance(by: .milliseconds(100))
            return await job.view.phase == .held
        }
        #expect(journal.count == 0)
        journal.waiting.store(0, ordering: .relaxed)
        #expect(try await finish(job).sent == 10)
    }

    @Test("there is one at a time; the next one may begin when it is over or stopped")
    func one() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try fill(500, acknowledged: 500)
        let job = job()
        _ = try await job.start(try request(#"{"rate": 1}"#), by: "alice")
        let refusal = await #expect(throws: ReplayJob.Refusal.self) {
            try await job.start(try request("{}"), by: "bob")
        }
        if case .busy? = refusal {} else { Issue.record("\(String(describing: refusal))") }
        // Counting what another one would be is no harm.
        #expect(try await counted(job).selected.total == 500)
        let stopped = Task { await job.stop() }
        try await eventually("it is over") {
            scheduler.advance(by: .seconds(1))
            return await job.view.phase.isOver
        }
        let former = await stopped.value
        #expect(former.phase == .stopped)
        // The next count is a whole one.
        #expect(try await counted(job).selected.total == 500)
        _ = try await job.start(try request(#"{"host": ["kvm02"], "rate": 10000}"#), by: "bob")
        let view = try await finish(job)
        #expect(view.selected.total == 250)
        #expect(view.sent == 250)
        #expect(await job.view(of: former.id ?? 0) == former, "whoever watches it learns how it ended")
        #expect(await job.view(of: 0) == nil)
    }

    @Test("there is one dry run at a time, which is ended with the replay, and what is half counted is not said")
    func stopped() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try fill(4_500, acknowledged: 4_500)
        let job = job()
        let (first, second, view) = try await job.beginTwiceAndStop(try request("{}"))
        #expect(first.phase == .counting)
        if case .failure(.counting) = second {} else { Issue.record("\(second)") }
        #expect(view.id == first.id)
        #expect(view.phase == .stopped)
        #expect(view.selected == ReplayCounts())
        #expect(try await counted(job).selected.total == 4_500)
    }

    @Test("a dry run that nobody asks for any more ends by itself, and one that is asked for does not")
    func deserted() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try fill(4_500, acknowledged: 4_500)
        let job = job()
        for isAsked in [false, true] {
            try await job.beginAndLeave(try request("{}"), scheduler, isAsked: isAsked)
            try await eventually("it is over") { await job.dryRun.phase.isOver }
            #expect(await job.dryRun.phase == (isAsked ? .dryRun : .stopped))
        }
    }

    @Test("what is not kept any more when it is its turn is missing, and said to be")
    func overtaken() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let spool = try fill(2_500, acknowledged: 2_500)
        let job = job()
        _ = try await job.start(try request(#"{"rate": 10000}"#), by: "alice")
        // With its first page in its hands.
        try await eventually("it has begun") { journal.count > 0 }
        let history = try SpoolHistory(folder: folder)
        for _ in 0..<10 where try history.span().first != nil { try spool.maintain(now: 86_400_000_000 * 365) }
        #expect(try history.span().first == nil)
        let view = try await finish(job)
        #expect(view.phase == .done)
        #expect((view.selected.total, view.sent, view.missing) == (2_500, 2_000, 500))
        #expect(!view.isWhole)
        #expect(ReplayText.summary(view).hasPrefix("2000 of 2500 events told again, 500 were not kept any more"))
    }

    @Test("a spool that cannot be read is told, and the next replay may begin")
    func unreadable() async throws {
        let job = job()
        await #expect(throws: ReplayJob.Refusal.self) { try await job.start(try request("{}"), by: "alice") }
        #expect(await job.view.phase.isOver)
        #expect(await job.stop().phase.isOver)
    }

    @Test(
        "a request with a mistake says what to write instead",
        arguments: [
            ("[]", "send an object"), (#"{"hosts": ["a"]}"#, "write host"), (#"{"rate": 0}"#, "from 1 to 10000"),
            (#"{"rate": "50"}"#, "from 1 to 10000"), (#"{"since": ["1h", "2h"]}"#, "one text"),
            (#"{"host": 5}"#, "…"), (#"{"host": [5]}"#, "send an object"), (#"{"dry_run": "yes"}"#, "true or false"),
            (#"{"kind": ["lifecylce"]}"#, "write lifecycle"), (#"{"by": ""}"#, "write a name"),
            (#"{"since": "25:00"}"#, "00:00 to 23:59"),
        ]
    )
    func mistakes(body: String, hint: String) throws {
        let error = #expect(throws: AdminFailure.self) { try request(body) }
        #expect(error?.hint.contains(hint) == true, "\(String(describing: error))")
        #expect(error?.status == 400)
    }

    @Test("a view comes back from its JSON as it was, names and all")
    func roundTrip() throws {
        var counts = ReplayCounts()
        counts.add([])
        var view = ReplayView(phase: .dryRun, selected: counts, sent: 1, rate: 50, by: "a_b")
        view.message = "x"
        let text = String(decoding: JSONText.encode(view), as: UTF8.self)
        #expect(text.contains(#""phase":"dry_run""#))
        #expect(try JSONText.decode(ReplayView.self, from: JSONText.encode(view)) == view)
    }
}

extension ReplayJob {
    // On the job's own queue, where nothing comes in between.

    fileprivate func beginAndLeave(_ request: ReplayRequest, _ scheduler: ManualScheduler, isAsked: Bool) throws {
        let id = try count(request).id ?? 0
        scheduler.advance(by: Self.patience + .seconds(1))
        if isAsked { _ = view(of: id) }
    }

    fileprivate func beginTwiceAndStop(
        _ request: ReplayRequest
    ) async throws -> (first: ReplayView, second: Result<ReplayView, Refusal>, stopped: ReplayView) {
        let first = try count(request)
        let second = Result { () throws(Refusal) in try count(request) }
        return (first, second, await stop())
    }
}
