import Foundation
import Logging
import SaltBus
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Sink", .timeLimit(.minutes(1)))
struct SinkTests {
    private let folder: TemporaryFolder
    private let spool: Spool
    private let scheduler = ManualScheduler()

    init() throws {
        folder = try TemporaryFolder()
        spool = try Spool(folder: folder.file("spool"))
    }

    private func append(_ count: Int, of host: String = "h") throws {
        let record = SpoolRecord(time: 1, host: host, object: "o", kind: "k", subject: "", bytes: [1])
        try spool.append(Array(repeating: record, count: count))
    }

    /// A sink on this spool, and the bus it sends to.
    private func started(window: Int = 4) async throws -> (Sink, RecordingBus) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let sink = try Sink(spool: spool, window: window, scheduler: scheduler, logger: logger)
        let made = Mutex<RecordingBus?>(nil)
        await sink.start { report in
            let bus = RecordingBus(report: report)
            made.withLock { $0 = bus }
            return bus
        }
        return (sink, try #require(made.withLock { $0 }))
    }

    private func sends(_ bus: RecordingBus, _ tickets: [Int64]) async throws {
        try await eventually("\(tickets)", within: .seconds(10), detail: { "\(bus.sent)" }) { bus.sent == tickets }
    }

    @Test("sends nothing before the bus is ready, then what the window holds, then the rest as it is confirmed")
    func window() async throws {
        try append(6)
        let (sink, bus) = try await started()
        sink.wake()
        bus.becomeReady()
        try await sends(bus, [1, 2, 3, 4])
        bus.confirm(1, 2)
        try await sends(bus, [1, 2, 3, 4, 5, 6])
        #expect(try spool.watermark() == 2)
        bus.confirm(3, 4, 5, 6)
        try await eventually("all are acknowledged") { try spool.waiting() == 0 }
        #expect(await sink.counts() == Sink.Tally(relayed: 6))
    }

    @Test("sends what is appended later as soon as it is told")
    func wakes() async throws {
        let (sink, bus) = try await started()
        bus.becomeReady()
        try append(2)
        sink.wake()
        try await sends(bus, [1, 2])
    }

    @Test("after a loss what is unconfirmed goes out again, in order, and nothing counts twice")
    func resends() async throws {
        try append(4)
        let (sink, bus) = try await started()
        bus.becomeReady()
        try await sends(bus, [1, 2, 3, 4])
        bus.confirm(1, 3)
        bus.lose()
        bus.becomeReady(session: 2)
        try await sends(bus, [1, 2, 3, 4, 2])
        bus.confirm(2, 3, session: 1)
        bus.confirm(2, session: 2)
        try await sends(bus, [1, 2, 3, 4, 2, 4])
        bus.confirm(4, session: 2)
        try await eventually("all are acknowledged") { try spool.waiting() == 0 }
        #expect(await sink.counts() == Sink.Tally(relayed: 4))
    }

    @Test("what can never be sent is counted and does not hold up the rest")
    func undeliverable() async throws {
        try append(2)
        let (sink, bus) = try await started()
        bus.becomeReady()
        try await sends(bus, [1, 2])
        bus.refuse(1)
        bus.confirm(2)
        try await eventually("the spool is empty") { try spool.waiting() == 0 }
        #expect(await sink.counts() == Sink.Tally(relayed: 1, dead: 1))
    }

    @Test("draining waits for the last confirmation, but not beyond its bound, and not for a bus that is away")
    func drains() async throws {
        try append(1)
        let (sink, bus) = try await started()
        await sink.drain(within: .seconds(5))
        bus.becomeReady()
        try await sends(bus, [1])
        async let draining: Void = sink.drain(within: .seconds(5))
        try await eventually("it waits") { scheduler.pending == [.seconds(5)] }
        scheduler.advance(by: .seconds(5))
        await draining
        #expect(try spool.waiting() == 1)
        async let again: Void = sink.drain(within: .seconds(5))
        try await eventually("it waits again") { scheduler.pending == [.seconds(5)] }
        bus.confirm(1)
        await again
        #expect(try spool.waiting() == 0)
    }

    @Test("goes on after the watermark of a former life")
    func continues() async throws {
        try append(3)
        try spool.acknowledge(through: 2)
        let (sink, bus) = try await started()
        bus.becomeReady()
        try await sends(bus, [3])
        _ = sink
    }

    @Test("on a bus with bare frames each host has one event out, and what is confirmed lets its next one go")
    func onePerHost() async throws {
        try append(2, of: "a")
        try append(2, of: "b")
        let (sink, bus) = try await started(window: 8)
        bus.becomeReady(framing: .bare)
        try await sends(bus, [1, 3])
        bus.confirm(3)
        try await sends(bus, [1, 3, 4])
        bus.lose()
        bus.becomeReady(session: 2, framing: .bare)
        try await sends(bus, [1, 3, 4, 1, 4])
        bus.confirm(1, 4, session: 2)
        try await sends(bus, [1, 3, 4, 1, 4, 2])
        bus.confirm(2, session: 2)
        try await eventually("all are acknowledged") { try spool.waiting() == 0 }
        #expect(await sink.counts() == Sink.Tally(relayed: 4))
    }
}
