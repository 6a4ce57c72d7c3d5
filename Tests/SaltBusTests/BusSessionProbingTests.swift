import Testing

@testable import SaltBus

private typealias Action = BusSession.Action

@Suite("Session: connecting and probing")
struct BusSessionProbingTests {
    private let refused = BusFailure(.refused, message: "nobody listens")
    private let closed = BusFailure(.closed, message: "closed")

    @Test("pub is connected first, then pull, then a probe goes out and its echo makes the session ready")
    func handshake() throws {
        var bench = try SessionBench()
        #expect(bench.session.started(at: bench.moment) == [.connectPub])
        #expect(bench.session.pubConnected(at: bench.moment) == [.connectPull])
        #expect(bench.session.pullConnected(at: bench.moment) == [])
        let probes = bench.write(.lengthPrefixed)
        #expect(probes.count == 1)
        #expect(probes[0].starts(with: Array("virt-aggregator/probe/0f\n\n".utf8)))
        #expect(bench.publish(foreignEvent("salt/job/1", [])) == [])
        #expect(bench.publish(probes[0]) == [.report(.ready(session: 1, framing: .lengthPrefixed))])
        #expect(bench.publish(probes[0]) == [])
        #expect(bench.session.deadline == nil)
        #expect(bench.session.counters.probesSent == 1)
    }

    @Test("either framing is found", arguments: [Framing.bare, .lengthPrefixed])
    func settles(framing: Framing) throws {
        var bench = try SessionBench()
        _ = bench.session.started(at: bench.moment)
        #expect(bench.becomeReady(pull: framing).last == .report(.ready(session: 1, framing: framing)))
    }

    @Test("the framing that worked last has the first turn")
    func remembers() throws {
        var bench = try SessionBench.ready(pull: .bare)
        _ = bench.session.disconnected(.pub, closed, at: bench.moment)
        #expect(bench.passDeadline() == [.connectPub])
        #expect(
            bench.becomeReady(pull: .bare) == [.connectPull, .report(.ready(session: 2, framing: .bare))]
        )
        _ = bench.session.disconnected(.pub, closed, at: bench.moment)
        _ = bench.passDeadline()
        #expect(bench.becomeReady(pull: .lengthPrefixed).last == .report(.ready(session: 3, framing: .lengthPrefixed)))
    }

    @Test("two silent probes change the framing on a new connection, for ever, ever more slowly")
    func alternates() throws {
        var bench = try SessionBench()
        _ = bench.session.started(at: bench.moment)
        _ = bench.session.pubConnected(at: bench.moment)
        var framings: [Framing] = []
        var reports: [Action] = []
        for seconds in [1, 2, 4, 8, 8, 8] {
            #expect(bench.session.pullConnected(at: bench.moment) == [])
            framings.append(bench.session.framing)
            #expect(bench.pass(.seconds(seconds)) == [])
            #expect(bench.pass(.seconds(seconds) - .milliseconds(1)) == [])
            let actions = bench.pass(.milliseconds(1))
            // After both framings pub, too, is made anew: it may be another master's than pull.
            let isWhole = framings.count.isMultiple(of: 2)
            #expect(actions.first == (isWhole ? .closeAll : .closePull))
            #expect(actions.last == (isWhole ? .connectPub : .connectPull))
            if isWhole { #expect(bench.session.pubConnected(at: bench.moment) == [.connectPull]) }
            reports += actions.dropFirst().dropLast()
        }
        #expect(framings == [.lengthPrefixed, .bare, .lengthPrefixed, .bare, .lengthPrefixed, .bare])
        #expect(reports == [.report(.unavailable(.probesSilent))])
        #expect(bench.session.counters.probesSent == 12)
    }

    @Test("the echo of a probe of an earlier connection settles nothing")
    func lateProbe() throws {
        var bench = try SessionBench()
        _ = bench.session.started(at: bench.moment)
        _ = bench.session.pubConnected(at: bench.moment)
        _ = bench.session.pullConnected(at: bench.moment)
        let late = bench.write(.lengthPrefixed)[0]
        _ = bench.passDeadline()
        _ = bench.passDeadline()
        _ = bench.session.pullConnected(at: bench.moment)
        #expect(bench.publish(late) == [])
        #expect(bench.publish(bench.write(.bare)[0]) == [.report(.ready(session: 1, framing: .bare))])
    }

    @Test("pull closed while probing gives the other framing the next turn; pub closed does not")
    func closedWhileProbing() throws {
        for (side, next) in [(BusSession.Side.pull, Framing.bare), (.pub, .lengthPrefixed)] {
            var bench = try SessionBench()
            _ = bench.session.started(at: bench.moment)
            _ = bench.session.pubConnected(at: bench.moment)
            _ = bench.session.pullConnected(at: bench.moment)
            #expect(
                bench.session.disconnected(side, closed, at: bench.moment)
                    == [.closeAll, .report(.unavailable(closed))]
            )
            #expect(bench.session.framing == next)
            #expect(bench.session.unwrittenIsEmpty)
        }
    }

    @Test("a failure is reported once until it changes, and attempts go on under the cap")
    func attempts() throws {
        var bench = try SessionBench()
        _ = bench.session.started(at: bench.moment)
        #expect(
            bench.session.connectFailed(refused, at: bench.moment) == [.closeAll, .report(.unavailable(refused))]
        )
        for attempt in 1..<50 {
            let pause = try #require(bench.session.deadline) - bench.moment.instant
            #expect(pause <= min(.seconds(5), .milliseconds(100) * (1 << min(attempt - 1, 10))))
            #expect(bench.passDeadline() == [.connectPub])
            #expect(bench.session.connectFailed(refused, at: bench.moment) == [.closeAll])
        }
        _ = bench.passDeadline()
        #expect(bench.session.connectFailed(closed, at: bench.moment) == [.closeAll, .report(.unavailable(closed))])
        #expect(bench.session.counters.failedAttempts == 51)
    }

    @Test("of failures that take turns each is reported once, and again when one of them stays")
    func alternating() throws {
        var bench = try SessionBench()
        _ = bench.session.started(at: bench.moment)
        var reports: [Action] = []
        for failure in [refused, closed, refused, closed, refused, refused, refused, closed] {
            reports += bench.session.connectFailed(failure, at: bench.moment).dropFirst()
            _ = bench.passDeadline()
        }
        #expect(reports == [refused, closed, refused].map { .report(.unavailable($0)) })
    }

    @Test("what no master sends is met with pauses of up to a minute")
    func distrust() throws {
        var bench = try SessionBench()
        _ = bench.session.started(at: bench.moment)
        var longest = Duration.zero
        for _ in 0..<40 {
            _ = bench.session.pubConnected(at: bench.moment)
            _ = bench.read([0xc0])
            longest = max(longest, try #require(bench.session.deadline) - bench.moment.instant)
            _ = bench.passDeadline()
        }
        #expect(longest > .seconds(30) && longest <= .seconds(60))
    }

    @Test("neither connection may take longer than its deadline")
    func connectDeadlines() throws {
        var bench = try SessionBench()
        _ = bench.session.started(at: bench.moment)
        #expect(bench.pass(.seconds(4)) == [])
        #expect(
            bench.pass(.seconds(1)) == [.closeAll, .report(.unavailable(.connectTimedOut(SessionBench.endpoint.pub)))]
        )
        _ = bench.passDeadline()
        _ = bench.session.pubConnected(at: bench.moment)
        #expect(
            bench.pass(.seconds(5)) == [.closeAll, .report(.unavailable(.connectTimedOut(SessionBench.endpoint.pull)))]
        )
    }

    @Test("facts about a connection that is given up change nothing")
    func lateFacts() throws {
        var bench = try SessionBench.ready()
        _ = bench.session.disconnected(.pub, closed, at: bench.moment)
        let deadline = bench.session.deadline
        #expect(bench.session.started(at: bench.moment) == [])
        #expect(bench.session.pubConnected(at: bench.moment) == [])
        #expect(bench.session.pullConnected(at: bench.moment) == [])
        #expect(bench.session.disconnected(.pull, closed, at: bench.moment) == [])
        #expect(bench.session.connectFailed(refused, at: bench.moment) == [])
        #expect(bench.read([0xff]) == [])
        #expect(bench.session.deadline == deadline)
    }
}
