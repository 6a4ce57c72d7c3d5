import Dispatch
import Foundation
import TestSupport
import Testing

@testable import Connections

@Suite("Look-ups of names", .timeLimit(.minutes(10)))
struct NameLookupsTests {
    /// A resolver that tells where `localhost` is, and keeps silent about every other name until it is let go.
    private final class Resolver: Sendable {
        let silence = DispatchSemaphore(value: 0)
        let asked = Locked<[String]>([])

        func answer(_ host: String, _ port: Int) -> NameAnswer {
            asked.withLock { $0.append(host) }
            if host != "localhost" { silence.wait() }
            return NameAnswer("127.0.0.1", port: port)
        }
    }

    private let scheduler = ManualScheduler()
    private let pool: BlockingPool
    private let resolver = Resolver()
    private let names: NameLookups

    init() {
        pool = BlockingPool(scheduler: scheduler)
        names = NameLookups(pool: pool) { [resolver] in resolver.answer($0, $1) }
    }

    /// Waits for no more than a moment.
    private func answer(_ host: String) -> NameAnswer? {
        LoopBinding(host: "kvm01").whileBound { names.answer(host, port: 16_509, until: .now, isAborted: { false }) }
    }

    @Test("a name that nobody tells keeps who asks no longer than they wait, and is asked for once at a time")
    func silent() async throws {
        #expect(answer("nowhere.invalid") == nil)
        #expect(names.answer("nowhere.invalid", port: 16_509, until: .now + .seconds(600), isAborted: { true }) == nil)
        try await eventually("it is asked for, and watched") {
            resolver.asked.withLock { $0 } == ["nowhere.invalid"] && scheduler.pending == [.seconds(5)]
        }
        scheduler.advance(by: .seconds(5))
        let stuck = StuckCall(host: "kvm01", lane: .name, age: .seconds(5))
        try await eventually("it is shown") { pool.counters.stuck == [stuck] }
        #expect(pool.counters.writtenOff == 0)
        resolver.silence.signal()
        try await eventually("it is answered") { pool.counters.running == 0 }
        #expect(answer("nowhere.invalid") == nil)
        try await eventually("it is asked for anew") { resolver.asked.withLock { $0 }.count == 2 }
        resolver.silence.signal()
        try await eventually("nothing is left") { pool.counters.running == 0 && pool.counters.stuck == [] }
    }

    @Test("behind 300 names that nobody tells another one has its answer; an address is not asked for")
    func crowd() async throws {
        let question = NameLookups(pool: pool) { [resolver] in resolver.answer($0, $1) }
        let asking = (0..<300).map { index in
            BlockingCall<Bool>(
                deadline: .seconds(60),
                body: { question.answer("kvm\(index)", port: 1, until: .now, isAborted: { true }) == nil },
                finished: { _ in }
            )
        }
        for call in asking { pool.submit(call, lane: .openFast) }
        try await eventually("all are asked for") { resolver.asked.withLock { $0 }.count == 300 }
        #expect(names.answer("localhost", port: 1, until: .now + .seconds(60), isAborted: { false })?.code == 0)
        let addresses = ["127.0.0.1", "::1"].map { answer($0)?.addresses.map(\.ai_family) }
        #expect(addresses == [[AF_INET], [AF_INET6]])
        #expect(resolver.asked.withLock { $0 }.count == 301)
        for _ in 0..<300 { resolver.silence.signal() }
        try await eventually("nothing is left") { pool.counters.running == 0 }
    }
}
