import Foundation
import Logging
import SaltBus
import Spool
import Synchronization
import Testing

@testable import Aggregator

@Suite struct BenchRunTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func run(
        _ pace: BenchPlan.Pace,
        events: Int,
        patience: Duration = .seconds(180),
        on makeBus: @escaping @Sendable (@escaping @Sendable (BusReport) -> Void) -> any EventBus
    ) async throws -> BenchResult {
        let folder = try BenchFolder(in: nil)
        defer { folder.remove() }
        let plan = BenchPlan(
            events: events,
            hosts: 7,
            pace: pace,
            instance: "0123456789abcdef",
            window: 256,
            budget: .off,
            durability: .process,
            patience: patience
        )
        let path = try BenchPath(folder: folder, plan: plan, logger: Self.logger, makeBus: makeBus)
        let run = try BenchRun(plan: plan, path: path)
        let result: Result<BenchResult, any Error>
        do { result = .success(try await run.run()) } catch { result = .failure(error) }
        await path.stop()
        return try result.get()
    }

    @Test("every event comes back, at any pace", arguments: [BenchPlan.Pace.flood, .rate(50_000), .idle])
    func complete(pace: BenchPlan.Pace) async throws {
        let count = if case .idle = pace { 5 } else { 2_000 }
        let result = try await run(pace, events: count) { NullBus(report: $0) }
        #expect(result.lost == 0)
        #expect(result.json(disk: count * 600).contains(#""events":\#(count),"hosts":7,"#))
        #expect(result.json(disk: count * 600).contains(#""disk_bytes_per_event":600"#))
    }

    @Test("a bus that is not there, and one that confirms nothing, end it with what to look at")
    func failures() async throws {
        let away = try await #require(throws: BenchFailure.self) {
            _ = try await run(.flood, events: 10) { AwayBus(report: $0) }
        }
        #expect(away.exit == .unavailable)
        #expect(away.message.contains("scripted"))
        let silent = try await #require(throws: BenchFailure.self) {
            _ = try await run(.flood, events: 10, patience: .milliseconds(50)) { SilentBus(report: $0) }
        }
        #expect(silent.exit == .failed)
        #expect(silent.message.hasPrefix("10 of 10 events did not come back"))
    }

    @Test("what is sent is under a tag of its own, and no reactor of libvirt's events sees it")
    func tags() async throws {
        let heard = Heard()
        _ = try await run(.flood, events: 100) { report in
            TappedBus(bus: NullBus(report: report)) { event in
                heard.tags.withLock { _ = $0.insert(String(decoding: event.bytes.prefix { $0 != 10 }, as: UTF8.self)) }
            }
        }
        let tags = heard.tags.withLock(\.self)
        #expect(tags.count == 7)
        #expect(tags.contains("virt-aggregator/bench/kvm0007/domain/lifecycle"))
    }
}

/// A bus that has no socket.
private struct AwayBus: EventBus {
    let report: @Sendable (BusReport) -> Void

    func start() { report(.unavailable(BusFailure(.missing, message: "scripted"))) }
    func send(_ events: [OutgoingEvent], session: Int) {}
    func stop() {}
}

/// A bus that takes everything and confirms nothing.
private struct SilentBus: EventBus {
    let report: @Sendable (BusReport) -> Void

    func start() { report(.ready(session: 1, framing: .lengthPrefixed)) }
    func send(_ events: [OutgoingEvent], session: Int) {}
    func stop() {}
}

/// The tags a bus was given.
private final class Heard: Sendable {
    let tags = Mutex<Set<String>>([])
}

/// A bus whose events a test sees.
private struct TappedBus: EventBus {
    let bus: NullBus
    let see: @Sendable (OutgoingEvent) -> Void

    func start() { bus.start() }
    func send(_ events: [OutgoingEvent], session: Int) {
        events.forEach(see)
        bus.send(events, session: session)
    }
    func stop() { bus.stop() }
}
