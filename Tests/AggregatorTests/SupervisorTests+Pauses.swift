import Connections
import Logging
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

/// Hosts in maintenance.
extension SupervisorTests {
    @Test("a pause is stored before it holds, is shown, and goes over to a successor")
    func pauses() async throws {
        let first = [try host("a"), try host("old")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: first))
        #expect(await supervisor.entry(of: "old")?.status.pause?.by == "before")
        let later = Self.future
        #expect(try await supervisor.pause("a", Pause(by: "op", until: later)))
        let names = stored.pauses.withLock { $0.map(\.host).sorted() }
        #expect(names == ["a", "gone", "old"])
        #expect(try await !supervisor.pause("nobody", Pause(by: "op")))

        let second = [try host("a", uri: "test:///other"), try host("old")]
        try await supervisor.apply(Reconciliation.plan(running: first, wanted: second))
        try await areUp("a", "old")
        #expect(await supervisor.entry(of: "a")?.status.pause == Pause(by: "op", until: later))

        stored.works.store(false, ordering: .relaxed)
        await #expect(throws: SpoolError.self) { try await supervisor.resume("a", by: "op") }
        #expect(await supervisor.entry(of: "a")?.status.pause != nil)
        stored.works.store(true, ordering: .relaxed)
        #expect(try await supervisor.resume("a", by: "op"))
        #expect(await supervisor.entry(of: "a")?.status.pause == nil)
        #expect(stored.pauses.withLock { $0.map(\.host).sorted() } == ["gone", "old"])
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a pause is shown for as long as the watcher holds back, and is kept no longer")
    func expired() async throws {
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: [try host("a"), try host("b")]))
        #expect(try await supervisor.pause("a", Pause(by: "op", until: Self.past)))
        #expect(await supervisor.entry(of: "a")?.status.pause != nil, "its watcher has not looked at the clock yet")
        try await eventually("it has") {
            scheduler.advance(by: .zero)
            return await supervisor.entry(of: "a")?.status.pause == nil
        }
        try await eventually("it is told") { saidLast("resumed")?.contains("the end of the pause") == true }
        #expect(try await supervisor.pause("b", Pause(by: "op")))
        #expect(stored.pauses.withLock { $0.map(\.host).sorted() } == ["b", "gone", "old"])
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a pause that ended while the service was down is told to be over, once, and dropped")
    func endedMeanwhile() async throws {
        let supervisor = try Self.supervisor(
            driver,
            scheduler,
            records,
            stored,
            pauses: ["a": Pause(by: "op", until: Self.past), "absent": Pause(by: "op", until: Self.past)]
        )
        let first = [try host("a")], second = [try host("a", uri: "test:///other"), try host("absent")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: first))
        try await eventually("it is told and dropped") {
            scheduler.advance(by: .zero)
            return said.contains("a resumed") && stored.pauses.withLock { $0.map(\.host) } == ["absent"]
        }
        try await supervisor.apply(Reconciliation.plan(running: first, wanted: second))
        try await eventually("so is that of a host that comes later") {
            scheduler.advance(by: .zero)
            let names = await supervisor.snapshot().keys.sorted()
            return said.contains("absent resumed") && stored.pauses.withLock { $0.isEmpty } && names == ["a", "absent"]
        }
        #expect(said.count { $0 == "a resumed" } == 1, "its second watcher has nothing to say of it")
        #expect(!said.contains { $0.hasSuffix(" paused") })
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a pause that comes while a host changes its watcher is told by the next one, before all else")
    func handover() async throws {
        let hanging = FakeDriver(.hangThenSucceed)
        let supervisor = try Self.supervisor(hanging, scheduler, records, stored)
        let first = [try host("a")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: first))
        try await eventually("it opens") { hanging.attempts == 1 }
        try await supervisor.apply(Reconciliation.plan(running: first, wanted: [try host("a", uri: "test:///2")]))
        #expect(try await supervisor.pause("a", Pause(by: "op", until: Self.future)))
        #expect(await supervisor.entry(of: "a")?.status.pause?.by == "op")
        #expect(said == [])
        hanging.release()
        try await eventually("the next is up") { await supervisor.entry(of: "a")?.status.phase == .up }
        try await eventually("it is told") { said == ["a paused"] }
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a resume while a host changes its watcher is told by the next one, with who asked for it")
    func resumedInHandover() async throws {
        let hanging = FakeDriver(.hangThenSucceed)
        let pauses = ["a": Pause(by: "before")]
        let supervisor = try Self.supervisor(hanging, scheduler, records, stored, pauses: pauses)
        let first = [try host("a")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: first))
        try await eventually("it opens") { hanging.attempts == 1 }
        try await supervisor.apply(Reconciliation.plan(running: first, wanted: [try host("a", uri: "test:///2")]))
        #expect(try await supervisor.resume("a", by: "alice"))
        hanging.release()
        try await eventually("it is told, and then how the host is") { said == ["a resumed", "a up"] }
        #expect(saidLast("resumed")?.contains("alice") == true)
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a pause without an end goes on for a week once its host has left; what cannot be stored changes nothing")
    func absent() async throws {
        let hosts = [try host("a"), try host("b")]
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: hosts))
        #expect(try await supervisor.pause("a", Pause(by: "op")))
        try await supervisor.apply(Reconciliation.plan(running: hosts, wanted: [try host("b")]))
        let end = Self.now + PauseBook.memory
        try await eventually("it gets an end") {
            stored.pauses.withLock { $0.first { $0.host == "a" }?.until } == end.microseconds
        }
        stored.works.store(false, ordering: .relaxed)
        async let one = try? supervisor.pause("b", Pause(by: "one"))
        async let other = try? supervisor.pause("b", Pause(by: "other"))
        #expect(await [one, other] == [nil, nil])
        #expect(await supervisor.entry(of: "b")?.status.pause == nil)
        stored.works.store(true, ordering: .relaxed)
        try await supervisor.apply(Reconciliation.plan(running: [try host("b")], wanted: hosts))
        try await eventually("the host is back, and paused until then") {
            await supervisor.snapshot()["a"]?.pause == Pause(by: "op", until: end)
        }
        #expect(await supervisor.stop(within: .seconds(5)))
    }
}
