import Testing

@testable import Connections

@Suite("Announcer")
struct AnnouncerTests {
    private func up(_ attempt: Int = 1) -> HostUp {
        HostUp(attempt: attempt, took: .zero, facts: ConnectionFacts(uri: "test:///default"))
    }

    private func down(_ reason: DownReason = .refused) -> HostDown {
        HostDown(reason: reason, message: "", since: Timestamp(microseconds: 0), nextAttempt: nil)
    }

    @Test("without a grace every outage is told once, and once more when its reason changes")
    func noGrace() {
        var announcer = Announcer()
        #expect(announcer.down(down(), grace: .zero) == .down(down()))
        #expect(announcer.down(down(), grace: .zero) == nil)
        #expect(announcer.down(down(.timeout), grace: .zero) == .down(down(.timeout)))
        #expect(announcer.up(up()) == .up(up()))
        #expect(announcer.down(down(.timeout), grace: .zero) == .down(down(.timeout)))
    }

    @Test("an outage shorter than the grace gives neither down nor up")
    func shortOutage() {
        var announcer = Announcer()
        #expect(announcer.up(up()) == .up(up()))
        #expect(announcer.down(down(), grace: .seconds(5)) == nil)
        #expect(announcer.isWaiting)
        #expect(announcer.up(up(2)) == nil)
        #expect(!announcer.isWaiting)
        #expect(announcer.graceIsOver() == nil)
    }

    @Test("an outage longer than the grace is told with the reason it has by then")
    func longOutage() {
        var announcer = Announcer()
        #expect(announcer.up(up()) == .up(up()))
        #expect(announcer.down(down(.eof), grace: .seconds(5)) == nil)
        #expect(announcer.down(down(.refused), grace: .seconds(5)) == nil)
        #expect(announcer.graceIsOver() == .down(down(.refused)))
        #expect(announcer.down(down(.timeout), grace: .seconds(5)) == .down(down(.timeout)))
        #expect(announcer.up(up(3)) == .up(up(3)))
    }

    @Test("the first up is told, however short the wait for it")
    func firstUp() {
        var announcer = Announcer()
        #expect(announcer.down(down(), grace: .seconds(5)) == nil)
        #expect(announcer.up(up(2)) == .up(up(2)))
    }

    @Test("what happens in a pause and is over with it is never told")
    func pause() {
        var announcer = Announcer()
        #expect(announcer.up(up()) == .up(up()))
        announcer.paused()
        #expect(announcer.down(down(), grace: .zero) == nil)
        #expect(announcer.up(up(2)) == nil)
        #expect(announcer.resumed() == [])
    }

    @Test("what still holds after a pause is told then")
    func afterPause() {
        var announcer = Announcer(isPaused: true)
        #expect(announcer.down(down(), grace: .zero) == nil)
        #expect(announcer.resumed() == [.down(down())])
        announcer.paused()
        #expect(announcer.up(up()) == nil)
        #expect(announcer.resumed() == [.up(up())])
    }

    @Test("a pause that ends within the grace leaves the grace its time")
    func pauseWithinGrace() {
        var announcer = Announcer()
        #expect(announcer.up(up()) == .up(up()))
        announcer.paused()
        #expect(announcer.down(down(), grace: .seconds(5)) == nil)
        #expect(announcer.resumed() == [])
        #expect(announcer.graceIsOver() == .down(down()))
    }
}

@Suite("Announcer: flapping and doubts")
struct AnnouncerDoubtTests {
    private var announcer = Announcer()
    private let up = HostUp(attempt: 1, took: .zero, facts: ConnectionFacts(uri: "test:///default"))
    private let down = HostDown(reason: .eof, message: "", since: Timestamp(microseconds: 0), nextAttempt: nil)
    private let flapping = HostFlapping(count: 7, since: Timestamp(microseconds: 0))
    private let late = HostDegradation(.probe, age: .seconds(5))
    private let deaf = HostDegradation(.audit(.network), age: .seconds(300))

    @Test("while a host flaps neither up nor down is told, and then what holds is, whatever was said before")
    mutating func flaps() {
        _ = announcer.up(up)
        #expect(announcer.flaps(flapping) == .flapping(flapping))
        #expect(announcer.down(down, grace: .zero) == nil)
        #expect(announcer.up(up) == nil)
        #expect(announcer.calmedDown() == .up(up))
        #expect(announcer.down(down, grace: .zero) == .down(down))
    }

    @Test("flapping that begins and ends within a pause is not told, only what differs is")
    mutating func pausedFlapping() {
        _ = announcer.up(up)
        announcer.paused()
        #expect(announcer.flaps(flapping) == nil)
        #expect(announcer.down(down, grace: .zero) == nil)
        #expect(announcer.calmedDown() == nil)
        #expect(announcer.resumed() == [.down(down)])
    }

    @Test("flapping that outlives a pause is told at its end")
    mutating func flappingOutlivesPause() {
        _ = announcer.up(up)
        announcer.paused()
        _ = announcer.flaps(flapping)
        _ = announcer.down(down, grace: .zero)
        #expect(announcer.resumed() == [.flapping(flapping)])
        #expect(announcer.calmedDown() == .down(down))
    }

    @Test("a doubt is told once, and its end once after it")
    mutating func doubts() {
        #expect(announcer.degraded(late) == .degraded(late))
        #expect(announcer.degraded(late) == nil)
        #expect(announcer.degraded(deaf) == .degraded(deaf))
        let lasted = HostDegradation(.probe, age: .seconds(9))
        #expect(announcer.recovered(.probe, age: .seconds(9)) == .recovered(lasted))
        #expect(announcer.recovered(.probe, age: .seconds(9)) == nil)
    }

    @Test("a doubt within a pause is told when it outlives it; one from before ends when it ends")
    mutating func pausedDoubts() {
        _ = announcer.degraded(late)
        announcer.paused()
        #expect(announcer.degraded(deaf) == nil)
        #expect(announcer.recovered(.probe, age: .zero) != nil)
        #expect(announcer.degraded(late) == nil)
        #expect(announcer.recovered(.probe, age: .zero) == nil)
        #expect(announcer.resumed() == [.degraded(deaf)])
    }

    @Test("what was said and lost is said again where it still holds, and nothing else is")
    mutating func retells() {
        _ = announcer.up(up)
        _ = announcer.degraded(late)
        _ = announcer.degraded(deaf)
        #expect(announcer.retell(isHostLost: false) == [])
        #expect(announcer.retell(isHostLost: false, [.probe]) == [.degraded(late)])
        #expect(announcer.retell(isHostLost: true, [.audit(.network)]) == [.up(up), .degraded(deaf)])
        #expect(announcer.up(up) == nil)
        _ = announcer.flaps(flapping)
        #expect(announcer.retell(isHostLost: true) == [.flapping(flapping)])
    }

    @Test("what was lost waits for the end of a pause or of the grace like everything else")
    mutating func retellsLater() {
        _ = announcer.up(up)
        announcer.paused()
        #expect(announcer.retell(isHostLost: true, [.probe]) == [])
        #expect(announcer.resumed() == [.up(up)])
        #expect(announcer.down(down, grace: .seconds(5)) == nil)
        #expect(announcer.retell(isHostLost: true) == [])
        #expect(announcer.graceIsOver() == .down(down))
    }
}
