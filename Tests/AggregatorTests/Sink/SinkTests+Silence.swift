import SaltBus
import Spool
import TestSupport
import Testing

@testable import Aggregator

/// Events that do not come back.
extension SinkTests {
    @Test("an event that never comes back while later ones do is put aside after five sessions, and the rest goes on")
    func poison() async throws {
        try append(12)
        let (sink, bus) = try await started(window: 256)
        var sent: [Int64] = []
        for session in 1...5 {
            bus.becomeReady(session: session)
            sent += session == 1 ? Array(1...12) : [1] + Array(Int64(session + 1)...12)
            try await sends(bus, sent)
            bus.confirm(Int64(session + 1), session: session)
            bus.lose(session: session, code: .echoSilent)
        }
        bus.becomeReady(session: 6)
        sent += Array(7...12)
        try await sends(bus, sent)
        try await eventually("it is put aside") { await sink.snapshot().tally.dead == 1 }
        #expect(await sink.snapshot().tally.relayed == 5)
    }

    @Test("one that never comes back where nothing else can be out beside it is put aside after ten sessions")
    func poisonAlone() async throws {
        try append(2)
        let (sink, bus) = try await started(window: 1)
        for session in 1...10 {
            bus.becomeReady(session: session)
            try await sends(bus, Array(repeating: 1, count: session))
            bus.lose(session: session, code: .echoSilent)
        }
        bus.becomeReady(session: 11)
        try await sends(bus, Array(repeating: 1, count: 10) + [2])
        try await eventually("it is put aside") { await sink.snapshot().tally.dead == 1 }
    }

    @Test("a master that passes on nothing at all makes no event a dead one")
    func silence() async throws {
        try append(2)
        let (sink, bus) = try await started(window: 256)
        for session in 1...8 {
            bus.becomeReady(session: session)
            try await sends(bus, (1...session).flatMap { _ in [Int64(1), 2] })
            bus.lose(session: session, code: .echoSilent)
        }
        #expect(await sink.snapshot().tally.dead == 0)
    }

    @Test("what can never be sent is noted as given up, with its object, once the spool has it")
    func deadIsLost() async throws {
        let record = SpoolRecord(
            time: 7,
            host: "h",
            object: "domain",
            kind: "lifecycle",
            subject: "web",
            key: "uuid",
            bytes: [1]
        )
        try spool.append([record])
        let (sink, bus) = try await started()
        bus.becomeReady()
        try await sends(bus, [1])
        bus.refuse(1)
        try await eventually("it is counted") { await sink.snapshot().dead == ["h": 1] }
        let object = GivenUp.Object(object: "domain", key: "uuid", name: "web")
        let noted = GivenUp(host: "h", time: 7, revision: 1, isEverything: false, objects: [object])
        #expect(try spool.givenUp() == [noted])
    }
}
