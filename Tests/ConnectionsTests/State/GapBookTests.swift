import Testing

@testable import Connections

@Suite("GapBook")
struct GapBookTests {
    private func at(_ seconds: Int) -> Timestamp { Timestamp(microseconds: 0) + .seconds(seconds) }

    /// Lost at 5, heard again at 20.
    private func book(_ classes: EventKind.Object..., cause: GapCause? = nil) -> GapBook {
        var book = GapBook()
        book.open(classes, from: at(5), cause: cause)
        for object in classes { book.resumed(object, isListed: true, at: at(20), now: .seconds(20)) }
        return book
    }

    private func due(_ book: inout GapBook, _ now: Int) -> [HostGap] {
        book.due(cause: .daemon, now: .seconds(now))
    }

    @Test("one gap for all classes, once the last of them has settled")
    func one() {
        var book = book(.domain, .pool)
        #expect(book.earliest == at(5))
        book.listed(.domain, synthesised: 2, isSettled: true, now: .seconds(21))
        #expect(due(&book, 21) == [])
        book.listed(.pool, synthesised: 1, isSettled: true, now: .seconds(22))
        let gap = HostGap(from: at(5), to: at(20), classes: [.domain, .pool], cause: .daemon, synthesised: 3)
        #expect(due(&book, 22) == [gap])
        #expect(due(&book, 22) == [])
        #expect(book.earliest == nil && book.wait(now: .seconds(22)) == nil)
        #expect(book.synthesis(of: .pool) == Synthesis(from: at(5), to: at(20)), "for what is made up late")
    }

    @Test("one that is not listed 10 s after the first has a gap of its own, once it is")
    func late() {
        var book = book(.domain, .network, .pool)
        book.listed(.domain, synthesised: 0, isSettled: false, now: .seconds(21))
        book.listed(.network, synthesised: 0, isSettled: true, now: .seconds(21))
        #expect(book.wait(now: .seconds(21)) == .seconds(10))
        #expect(due(&book, 30) == [])
        #expect(due(&book, 31).map(\.classes) == [[.domain, .network]])
        #expect(book.earliest == at(5))
        #expect(book.wait(now: .seconds(31)) == .seconds(49))
        book.listed(.pool, synthesised: 4, isSettled: true, now: .seconds(50))
        let gap = HostGap(from: at(5), to: at(20), classes: [.pool], cause: .daemon, synthesised: 4)
        #expect(due(&book, 50) == [gap])
    }

    @Test("one that cannot be listed is not told before it is, and keeps nobody waiting for longer than a minute")
    func never() {
        var book = book(.domain, .network)
        #expect(book.wait(now: .seconds(20)) == .seconds(60))
        book.listed(.domain, synthesised: 0, isSettled: true, now: .seconds(21))
        #expect(due(&book, 31).map(\.classes) == [[.domain]])
        #expect(book.overdue(now: .seconds(79)) == [])
        #expect(book.overdue(now: .seconds(80)) == [.network])
        #expect(due(&book, 80) == [] && book.overdue(now: .seconds(80)) == [])
        #expect(book.earliest == nil && book.away == [.network: at(5)])
        #expect(book.wait(now: .seconds(80)) == nil)
        book.open([.domain], from: at(100))
        book.resumed(.domain, isListed: true, at: at(101), now: .seconds(101))
        #expect(book.wait(now: .seconds(101)) == .seconds(60), "it waits by itself")
        book.listed(.network, synthesised: 3, isSettled: true, now: .seconds(102))
        book.listed(.domain, synthesised: 0, isSettled: true, now: .seconds(102))
        #expect(due(&book, 102).map(\.from) == [at(5), at(100)])
    }

    @Test("a class that has nothing to be listed waits a minute for one that does not come, and no longer")
    func beside() {
        var book = book(.domain)
        book.open([.secret], from: at(5))
        book.resumed(.secret, isListed: false, at: at(20), now: .seconds(20))
        #expect(due(&book, 79) == [])
        #expect(due(&book, 80).map(\.classes) == [[.secret]])
        #expect(book.overdue(now: .seconds(80)) == [.domain])
    }

    @Test("a gap that is not told when the next outage begins goes on, with the cause it had")
    func goesOn() {
        var book = book(.domain)
        book.settle(cause: .network)
        book.open([.domain, .pool], from: at(30))
        #expect(due(&book, 40) == [])
        for object in [EventKind.Object.domain, .pool] {
            book.resumed(object, isListed: true, at: at(50), now: .seconds(50))
            book.listed(object, synthesised: 0, isSettled: true, now: .seconds(50))
        }
        let gaps = due(&book, 50)
        #expect(gaps.map(\.from) == [at(5), at(30)])
        #expect(gaps.map(\.to) == [at(50), at(50)])
        #expect(gaps.map(\.cause) == [.network, .daemon])
    }

    @Test("what is dropped within an outage does not change why that began")
    func dropped() {
        var book = GapBook()
        book.open([.domain], from: at(5))
        book.open([.domain, .pool], from: at(3), cause: .dropped)
        for object in [EventKind.Object.domain, .pool] {
            book.resumed(object, isListed: false, at: at(20), now: .seconds(20))
        }
        #expect(due(&book, 20).map(\.cause) == [.daemon, .dropped])
    }

    @Test("gaps that differ in what they come from are told apart; a class without a listing waits for nothing")
    func apart() {
        var book = book(.network, cause: .audit)
        book.open([.domain, .nodedev], from: at(8))
        book.resumed(.network, isListed: true, at: at(21), now: .seconds(21))
        book.resumed(.domain, isListed: true, at: at(20), now: .seconds(20))
        book.resumed(.nodedev, isListed: false, at: at(20), now: .seconds(20))
        #expect(book.synthesis(of: .network)?.basis == .audit)
        #expect(book.synthesis(of: .domain)?.basis == .resync)
        for object in [EventKind.Object.network, .domain] {
            book.listed(object, synthesised: 1, isSettled: true, now: .seconds(20))
        }
        let gaps = due(&book, 20)
        #expect(gaps.map(\.classes) == [[.network], [.domain, .nodedev]])
        #expect(gaps.map(\.cause) == [.audit, .daemon])
    }

    @Test("a class that is away keeps a beginning of its own, through outages of the host, until it is heard again")
    func away() {
        var book = GapBook()
        book.open([.secret], from: at(5))
        book.isAway(.secret)
        book.isAway(.pool)
        #expect(book.earliest == nil && book.away == [.secret: at(5)])
        book.open([.domain, .secret], from: at(30))
        #expect(book.earliest == at(30) && book.away == [.secret: at(5)])
        book.resumed(.secret, isListed: true, at: at(40), now: .seconds(40))
        #expect(book.earliest == at(5) && book.away == [:])
    }

    @Test("a class that was away and then has nothing to be listed is told, if it is heard")
    func nothing() {
        var book = book(.network)
        book.open([.secret], from: at(5))
        book.isAway(.secret)
        #expect(book.overdue(now: .seconds(80)) == [.network] && due(&book, 80) == [])
        book.hasNothing(.network, now: .seconds(85))
        book.hasNothing(.secret, now: .seconds(85))
        let gap = HostGap(from: at(5), to: at(20), classes: [.network], cause: .daemon, synthesised: 0)
        #expect(due(&book, 90) == [gap])
        #expect(book.away == [.secret: at(5)])
    }

    @Test("while a class cannot be heard its gap is open, and nothing is told; of one that is forgotten neither")
    func open() {
        var book = GapBook()
        book.open([.domain, .secret], from: at(5))
        #expect(book.wait(now: .seconds(100)) == nil)
        #expect(due(&book, 100) == [])
        book.forget(.secret)
        #expect(book.beginning(of: .secret) == nil && book.beginning(of: .domain) == at(5))
        book.resumed(.pool, isListed: true, at: at(20), now: .seconds(20))
        #expect(due(&book, 100) == [], "there was no gap")
    }
}
