import Testing

@testable import Aggregator

@Suite("Watch of what had to go")
struct GivenUpWatchTests {
    @Test("what a former run has left is told anew once little waits")
    func formerRun() {
        var watch = GivenUpWatch()
        #expect(watch.look(isFound: true, dropped: 0, waiting: GivenUpWatch.fewWaiting + 1) == .wait)
        #expect(watch.look(isFound: true, dropped: 0, waiting: 3) == .resync)
    }

    @Test("what had reached the bus before it had to go is no loss, which shows when nothing waits")
    func sentBefore() {
        var watch = GivenUpWatch()
        _ = watch.look(isFound: false, dropped: 7, waiting: 0)
        #expect(watch.look(isFound: true, dropped: 7, waiting: 1) == .wait)
        #expect(watch.look(isFound: true, dropped: 7, waiting: 0) == .nothingLost)
        #expect(watch.look(isFound: true, dropped: 8, waiting: 1) == .resync)
    }

    @Test("while some always wait, it is told anew after some looks; each find has its own")
    func alwaysSome() {
        var watch = GivenUpWatch()
        for _ in 0..<2 {
            _ = watch.look(isFound: false, dropped: 0, waiting: 5)
            let looks = (0..<GivenUpWatch.patience).map { _ in watch.look(isFound: true, dropped: 0, waiting: 5) }
            #expect(looks == Array(repeating: .wait, count: GivenUpWatch.patience - 1) + [.resync])
        }
    }
}
