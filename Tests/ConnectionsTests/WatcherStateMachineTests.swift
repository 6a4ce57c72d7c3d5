import Connections
import TestSupport
import Testing

@Suite("Watcher state machine")
struct WatcherStateMachineTests {
    private var machine = WatcherStateMachine(backoff: Backoff(base: .seconds(1), cap: .seconds(20)))
    private var random = HighestRandom()
    private let refused = EstablishFailure(.refused, "nobody")
    private let timeout = EstablishFailure(.timeout, "silence")
    private let eof = EstablishFailure(.eof, "gone")

    @Test("an attempt begins fast, and a result makes the host up")
    mutating func goesUp() {
        #expect(machine.started() == [.open(try: 1, speed: .fast)])
        #expect(machine.established(try: 1, using: &random) == [.announceUp(attempt: 1)])
        #expect(machine.state == .watching(try: 1))
    }

    @Test("only an attempt that timed out in the fast lane goes to the slow one")
    mutating func slowLane() {
        _ = machine.started()
        #expect(
            machine.openFailed(try: 1, timeout, using: &random)
                == [.goDown(timeout, retryAfter: .zero, isNews: true), .open(try: 2, speed: .slow)]
        )
        #expect(
            machine.openFailed(try: 2, timeout, using: &random)
                == [.goDown(timeout, retryAfter: .seconds(1), isNews: false), .scheduleRetry(after: .seconds(1))]
        )
        #expect(machine.retryDue() == [.open(try: 3, speed: .fast)])
        #expect(
            machine.openFailed(try: 3, refused, using: &random)
                == [.goDown(refused, retryAfter: .seconds(2), isNews: true), .scheduleRetry(after: .seconds(2))]
        )
    }

    @Test("an outage is announced once, and once more when its reason changes")
    mutating func announcesOnce() {
        _ = machine.started()
        var news: [Bool] = []
        for (index, failure) in [refused, refused, eof, eof, refused].enumerated() {
            for case .goDown(_, _, let isNews) in machine.openFailed(try: index + 1, failure, using: &random) {
                news.append(isNews)
            }
            _ = machine.retryDue()
        }
        #expect(news == [true, false, true, false, true])
    }

    @Test("a host that fails slowly is announced with one reason, not with two in turn")
    mutating func slowFailure() {
        _ = machine.started()
        var number = 1
        var news: [DownReason] = []
        for _ in 0..<5 {
            for failure in [timeout, refused] {
                for case .goDown(let said, _, true) in machine.openFailed(try: number, failure, using: &random) {
                    news.append(said.reason)
                }
                number += 1
            }
            _ = machine.retryDue()
        }
        #expect(news == [.timeout, .refused])
    }

    @Test("up after an outage counts the attempts, and the next outage is news again")
    mutating func countsAttempts() {
        _ = machine.started()
        _ = machine.openFailed(try: 1, refused, using: &random)
        _ = machine.retryDue()
        #expect(machine.established(try: 2, using: &random) == [.announceUp(attempt: 2)])
        let actions = machine.connectionLost(try: 2, refused, wasUpFor: .seconds(1), using: &random)
        #expect(
            actions == [
                .close, .goDown(refused, retryAfter: .seconds(2), isNews: true), .scheduleRetry(after: .seconds(2)),
            ]
        )
    }

    @Test("the backoff starts anew only after a connection that lasted")
    mutating func backoffResets() {
        _ = machine.started()
        _ = machine.openFailed(try: 1, refused, using: &random)
        _ = machine.retryDue()
        _ = machine.established(try: 2, using: &random)
        let actions = machine.connectionLost(try: 2, eof, wasUpFor: .seconds(21), using: &random)
        #expect(
            actions == [
                .close, .goDown(eof, retryAfter: .seconds(1), isNews: true), .scheduleRetry(after: .seconds(1)),
            ]
        )
    }

    @Test("a connection lost before its result arrived never counts as up")
    mutating func lostEarly() {
        _ = machine.started()
        #expect(machine.connectionLost(try: 1, eof, wasUpFor: .zero, using: &random) == [])
        #expect(
            machine.established(try: 1, using: &random)
                == [.close, .goDown(eof, retryAfter: .seconds(1), isNews: true), .scheduleRetry(after: .seconds(1))]
        )
        _ = machine.retryDue()
        #expect(machine.established(try: 2, using: &random) == [.announceUp(attempt: 2)])
    }

    @Test("the loss of a former connection is nobody's loss")
    mutating func staleLoss() {
        _ = machine.started()
        _ = machine.openFailed(try: 1, timeout, using: &random)
        _ = machine.established(try: 2, using: &random)
        #expect(machine.connectionLost(try: 1, eof, wasUpFor: .zero, using: &random) == [])
        #expect(machine.hearing(of: 1) == .never)
        #expect(machine.hearing(of: 2) == .now)
        _ = machine.connectionLost(try: 2, eof, wasUpFor: .zero, using: &random)
        #expect(machine.hearing(of: 2) == .now, "what it said last may follow its loss")
        _ = machine.retryDue()
        #expect(machine.hearing(of: 3) == .onceUp)
        #expect(machine.hearing(of: 2) == .now)
        _ = machine.established(try: 3, using: &random)
        #expect(machine.hearing(of: 2) == .never)
    }

    @Test("stopping waits for what is under way")
    mutating func stops() {
        _ = machine.started()
        #expect(machine.stopRequested() == [.abortOpen])
        #expect(machine.established(try: 1, using: &random) == [.close])
        #expect(machine.connectionClosed() == [.finish])
        #expect(machine.state == .stopped)
    }

    @Test("stopping while waiting cancels the retry, and waits for a close")
    mutating func stopsWhileWaiting() {
        _ = machine.started()
        _ = machine.established(try: 1, using: &random)
        _ = machine.connectionLost(try: 1, eof, wasUpFor: .zero, using: &random)
        #expect(machine.stopRequested() == [.cancelRetry])
        #expect(machine.connectionClosed() == [.finish])
        #expect(machine.retryDue() == [])
    }

    @Test("stopping waits for an open that began while a former connection was closing")
    mutating func stopsWhileReopening() {
        _ = machine.started()
        _ = machine.established(try: 1, using: &random)
        _ = machine.connectionLost(try: 1, eof, wasUpFor: .zero, using: &random)
        _ = machine.retryDue()
        #expect(machine.stopRequested() == [.abortOpen])
        #expect(machine.connectionClosed() == [])
        #expect(machine.established(try: 2, using: &random) == [.close])
        #expect(machine.connectionClosed() == [.finish])
    }

    @Test("no sequence of facts makes a machine that is up, deaf and content", arguments: 0..<200)
    func anyOrder(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var machine = WatcherStateMachine(backoff: Backoff())
        var lost: Set<Int> = []
        var opening: Int?
        var newest = 0
        var connections = 0
        var closing = 0
        func note(_ actions: [WatcherStateMachine.Action]) {
            for action in actions {
                switch action {
                case .open(let number, _): (newest, opening) = (number, number)
                case .close: closing += 1
                case .finish:
                    #expect(opening == nil, "it ended with an open under way")
                    #expect(connections == 0, "it ended with a connection")
                default: break
                }
            }
        }
        note(machine.started())
        for step in 0..<200 {
            let number = max(1, newest - Int.random(in: 0...1, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where opening != nil:
                opening = nil
                connections += 1
                note(machine.established(try: newest, using: &random))
            case 1 where opening != nil:
                opening = nil
                note(machine.openFailed(try: newest, timeout, using: &random))
            case 2 where connections > 0 || opening != nil:
                lost.insert(number)
                note(machine.connectionLost(try: number, eof, wasUpFor: .zero, using: &random))
            case 3 where closing > 0:
                (closing, connections) = (closing - 1, connections - 1)
                note(machine.connectionClosed())
            case 4 where step > 150: note(machine.stopRequested())
            default: note(machine.retryDue())
            }
            if case .watching(let number) = machine.state { #expect(!lost.contains(number)) }
        }
    }

    @Test("a connection is replaced at once, and unsaid unless that fails")
    mutating func replaced() {
        _ = machine.started()
        _ = machine.established(try: 1, using: &random)
        #expect(machine.replacementRequested() == [.close, .open(try: 2, speed: .fast)])
        #expect(machine.replacementRequested() == [])
        #expect(machine.hearing(of: 1) == .never, "the other one tells it, too")
        #expect(machine.hearing(of: 2) == .onceUp)
        #expect(machine.connectionClosed() == [])
        #expect(machine.established(try: 2, using: &random) == [.announceUp(attempt: 1)])
        #expect(machine.hearing(of: 1) == .never)
        _ = machine.replacementRequested()
        #expect(
            machine.openFailed(try: 3, refused, using: &random)
                == [.goDown(refused, retryAfter: .seconds(1), isNews: true), .scheduleRetry(after: .seconds(1))]
        )
    }

    @Test(
        "a connection that was given up is heard until another try begins, one that is lost to its last event",
        arguments: [(DownReason.probe, WatcherStateMachine.Hearing.never), (.eof, .now)]
    )
    mutating func givenUp(reason: DownReason, hearing: WatcherStateMachine.Hearing) {
        _ = machine.started()
        _ = machine.established(try: 1, using: &random)
        _ = machine.connectionLost(try: 1, EstablishFailure(reason, "lost"), wasUpFor: .zero, using: &random)
        #expect(machine.hearing(of: 1) == .now)
        _ = machine.retryDue()
        #expect(machine.hearing(of: 1) == hearing)
        _ = machine.openFailed(try: 2, refused, using: &random)
        #expect(machine.hearing(of: 1) == hearing)
        _ = machine.retryDue()
        _ = machine.established(try: 3, using: &random)
        #expect(machine.hearing(of: 1) == .never && machine.hearing(of: 3) == .now)
    }

    @Test("stopping waits for a replaced connection to close")
    mutating func stopsWhileReplacing() {
        _ = machine.started()
        _ = machine.established(try: 1, using: &random)
        _ = machine.replacementRequested()
        #expect(machine.stopRequested() == [.abortOpen])
        #expect(machine.openFailed(try: 2, refused, using: &random) == [])
        #expect(machine.connectionClosed() == [.finish])
    }

    @Test("a host that flaps is retried after half the cap at least, and a loss takes its turn")
    mutating func slowed() {
        _ = machine.started()
        _ = machine.established(try: 1, using: &random)
        machine.slowDown(true)
        let lost = machine.connectionLost(try: 1, eof, wasUpFor: .seconds(60), using: &random) { $0 + .seconds(3) }
        #expect(lost.last == .scheduleRetry(after: .seconds(23)))
        var seeded = SeededRandom(seed: 1)
        var backoff = Backoff(base: .seconds(1), cap: .seconds(20))
        for _ in 0..<100 {
            let delay = backoff.next(isSlowed: true, using: &seeded)
            #expect(delay >= .seconds(10) && delay <= .seconds(20))
        }
    }
}

@Suite("Backoff")
struct BackoffTests {
    @Test("bounds double up to the cap and stay there, for ever")
    func bounds() {
        var backoff = Backoff(base: .seconds(1), cap: .seconds(20))
        var random = HighestRandom()
        let delays = (0..<2_000).map { _ in backoff.next(using: &random) }
        #expect(Array(delays.prefix(6)) == [1, 2, 4, 8, 16, 20].map { .seconds($0) })
        #expect(delays.dropFirst(6).allSatisfy { $0 == .seconds(20) })
    }

    @Test("the jitter is full: anything from nothing to the bound", arguments: 0..<20)
    func jitter(seed: UInt64) {
        var backoff = Backoff(base: .seconds(1), cap: .seconds(20))
        var random = SeededRandom(seed: seed)
        let delays = (0..<500).map { _ in backoff.next(using: &random) }.dropFirst(5)
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .seconds(20) })
        #expect(delays.contains { $0 < .seconds(2) })
        #expect(delays.contains { $0 > .seconds(18) })
    }

    @Test("a reset starts from the base")
    func reset() {
        var backoff = Backoff(base: .seconds(1), cap: .seconds(20))
        var random = HighestRandom()
        for _ in 0..<9 { _ = backoff.next(using: &random) }
        backoff.reset()
        #expect(backoff.next(using: &random) == .seconds(1))
    }
}
