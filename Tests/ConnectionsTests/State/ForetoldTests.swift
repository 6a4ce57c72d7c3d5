import TestSupport
import Testing

@testable import Connections

@Suite("Foretold")
struct ForetoldTests {
    private let defined = HostStateTests.event(.domain, 0, 0)
    private let started = HostStateTests.event(.domain, 2, 0)
    private let stopped = HostStateTests.event(.domain, 5, 0)

    private func isCovered(_ foretold: inout Foretold, _ event: HostEvent, at seconds: Int = 10) -> Bool {
        foretold.covers(event, at: .seconds(seconds))
    }

    private func foretold(_ events: HostEvent...) -> Foretold {
        var foretold = Foretold()
        foretold.add(events, at: .seconds(10))
        return foretold
    }

    @Test("what libvirt tells within 5 s of what was made up is covered, once")
    func once() {
        var foretold = foretold(defined, started)
        let answers = [defined, started, started].map { isCovered(&foretold, $0, at: 14) }
        #expect(answers == [true, true, false])
    }

    @Test("its first steps may have been told before")
    func last() {
        var foretold = foretold(defined, started)
        #expect(isCovered(&foretold, started) == true)
        #expect(isCovered(&foretold, defined) == false)
    }

    @Test("another event of the object, another name and 5 s end it; another object does not")
    func ends() {
        var foretold = foretold(started)
        #expect(isCovered(&foretold, HostStateTests.event(.domain, 2, 0, number: 8)) == false)
        #expect(isCovered(&foretold, HostStateTests.event(.network, 2, 0)) == false)
        #expect(isCovered(&foretold, stopped) == false)
        #expect(isCovered(&foretold, started) == false)
        foretold.add([started], at: .seconds(10))
        #expect(isCovered(&foretold, HostStateTests.event(.domain, 2, 0, name: "db")) == false)
        foretold.add([started], at: .seconds(10))
        #expect(isCovered(&foretold, started, at: 15) == false)
    }

    @Test("of one that ended and started again the end is not awaited: it may be the next one")
    func endsAgain() {
        var ended = foretold(stopped, started)
        #expect(isCovered(&ended, stopped) == false)
        var again = foretold(stopped, started)
        #expect([started, stopped, started].map { isCovered(&again, $0) } == [true, false, false])
        let renamed = [HostStateTests.event(.domain, 5, 0, name: "db"), started]
        var other = Foretold()
        other.add(renamed, at: .seconds(10))
        #expect(renamed.map { isCovered(&other, $0) } == [true, true])
    }

    @Test("how it came about is not compared: nobody knew")
    func detail() {
        var foretold = foretold(stopped)
        #expect(isCovered(&foretold, HostStateTests.event(.domain, 5, 4)) == true)
    }
}
