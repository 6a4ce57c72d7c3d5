import Testing

@testable import Aggregator

@Suite("Watch of what had to go")
struct GivenUpWatchTests {
    @Test("what a former run has left is told anew once little waits")
    func formerRun() {
        var watch = GivenUpWatch()
        #expect(watch.look(isFound: true, before: 0, dropped: 0, waiting: GivenUpWatch.fewWaiting + 1) == .wait)
        #expect(watch.look(isFound: true, before: 0, dropped: 0, waiting: 3) == .resync)
    }

    @Test("what had reached the bus before it had to go is no loss, which shows when nothing waits")
    func sentBefore() {
        var watch = GivenUpWatch()
        _ = watch.look(isFound: false, before: 7, dropped: 7, waiting: 0)
        #expect(watch.look(isFound: true, before: 7, dropped: 7, waiting: 1) == .wait)
        #expect(watch.look(isFound: true, before: 7, dropped: 7, waiting: 0) == .nothingLost)
        #expect(watch.look(isFound: true, before: 7, dropped: 8, waiting: 1) == .resync)
    }

    @Test("what is counted while it is looked what had to go is a loss, now and where more is found the next time")
    func betweenLooks() {
        var watch = GivenUpWatch()
        _ = watch.look(isFound: false, before: 0, dropped: 3, waiting: 0)
        #expect(watch.look(isFound: true, before: 3, dropped: 3, waiting: 0) == .resync)
        #expect(watch.look(isFound: true, before: 3, dropped: 5, waiting: 0) == .resync)
        #expect(watch.look(isFound: true, before: 5, dropped: 5, waiting: 0) == .resync)
    }

    @Test("while some always wait, it is told anew after some looks; each find has its own")
    func alwaysSome() {
        var watch = GivenUpWatch()
        for _ in 0..<2 {
            _ = watch.look(isFound: false, before: 0, dropped: 0, waiting: 5)
            let looks = (0..<GivenUpWatch.patience).map { _ in
                watch.look(isFound: true, before: 0, dropped: 0, waiting: 5)
            }
            #expect(looks == Array(repeating: .wait, count: GivenUpWatch.patience - 1) + [.resync])
        }
    }
}
