import Testing

@testable import SaltBus

@Suite("Session without pub")
struct BlindSessionTests {
    private let closed = BusFailure(.closed, message: "closed")

    private func ready(_ framing: Framing = .bare) throws -> SessionBench {
        var bench = try SessionBench(confirm: .write(framing))
        #expect(bench.session.started(at: bench.moment) == [.connectPull])
        #expect(
            bench.session.pullConnected(at: bench.moment) == [.report(.ready(session: 1, framing: framing))]
        )
        return bench
    }

    @Test("it is ready when pull is connected, and probes nothing", arguments: [Framing.bare, .lengthPrefixed])
    func handshake(framing: Framing) throws {
        let bench = try ready(framing)
        #expect(bench.session.unwrittenIsEmpty)
        #expect(bench.session.deadline == nil)
        #expect(bench.session.counters.probesSent == 0)
    }

    @Test(
        "an event is confirmed once all of its bytes are taken, and not before",
        arguments: [Framing.bare, .lengthPrefixed]
    )
    func confirms(framing: Framing) throws {
        var bench = try ready(framing)
        let size = try framing.size(of: .sample(1))
        #expect(try bench.send([.sample(1), .sample(2), .sample(3)]) == [])
        #expect(bench.write(atMost: size - 1) == [])
        #expect(bench.write(atMost: 1) == [.report(.confirmed(session: 1, tickets: [1]))])
        #expect(bench.write(atMost: 1) == [])
        #expect(bench.write() == [.report(.confirmed(session: 1, tickets: [2, 3]))])
        #expect(bench.session.deadline == nil)
        #expect(bench.write(framing).count == 3)
        #expect(bench.session.counters.echoes == 0)
    }

    @Test("no echo is waited for, but writing has its deadline")
    func deadline() throws {
        var bench = try ready()
        _ = try bench.send([.sample(1)])
        bench.write(atMost: 10)
        #expect(bench.pass(.seconds(9)) == [])
        #expect(bench.pass(.seconds(1)) == [.closeAll, .report(.lost(session: 1, .writeStalled))])
    }

    @Test("it comes back in the framing it was given, and what was not written is the caller's again")
    func reconnects() throws {
        var bench = try ready()
        _ = try bench.send([.sample(1), .sample(2)])
        _ = bench.write(atMost: 1)
        #expect(
            bench.session.disconnected(.pull, closed, at: bench.moment)
                == [.closeAll, .report(.lost(session: 1, closed))]
        )
        #expect(bench.session.unwrittenIsEmpty)
        #expect(bench.passDeadline() == [.connectPull])
        #expect(bench.session.pullConnected(at: bench.moment) == [.report(.ready(session: 2, framing: .bare))])
        _ = try bench.send([.sample(1)], session: 2)
        #expect(bench.write() == [.report(.confirmed(session: 2, tickets: [1]))])
    }

    @Test("what is no event is refused here as well")
    func undeliverable() throws {
        var bench = try ready()
        let actions = bench.send([OutgoingEvent(ticket: 1, bytes: [1, 2, 3]), try .sample(2)])
        #expect(actions.count == 1)
        #expect(bench.write() == [.report(.confirmed(session: 1, tickets: [2]))])
    }
}

extension Framing {
    /// The bytes of an event's frame.
    fileprivate func size(of event: OutgoingEvent) throws -> Int {
        var bytes: [UInt8] = []
        append(UnstampedEvent(bytes: event.bytes), stamp: Stamp(microseconds: 1, form: .naive), to: &bytes)
        return bytes.count
    }
}
