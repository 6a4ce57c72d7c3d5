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
        #expect(announcer.resumed() == nil)
    }

    @Test("what still holds after a pause is told then")
    func afterPause() {
        var announcer = Announcer(isPaused: true)
        #expect(announcer.down(down(), grace: .zero) == nil)
        #expect(announcer.resumed() == .down(down()))
        announcer.paused()
        #expect(announcer.up(up()) == nil)
        #expect(announcer.resumed() == .up(up()))
    }

    @Test("a pause that ends within the grace leaves the grace its time")
    func pauseWithinGrace() {
        var announcer = Announcer()
        #expect(announcer.up(up()) == .up(up()))
        announcer.paused()
        #expect(announcer.down(down(), grace: .seconds(5)) == nil)
        #expect(announcer.resumed() == nil)
        #expect(announcer.graceIsOver() == .down(down()))
    }
}
