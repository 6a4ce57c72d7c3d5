import Spool
import Testing

@testable import Aggregator

@Suite("What can never be sent")
struct DeadWatchTests {
    private let note = GivenUp.Note(host: "a", revision: 1)
    private let other = GivenUp.Note(host: "b", revision: 1)

    @Test("it is told anew at once, and apart from what only had to go")
    func first() {
        let watch = DeadWatch()
        #expect(watch.sort([note, other], dead: ["a": 1], at: .zero) == .init(due: [note], others: [other]))
    }

    @Test("what dies of the host again is told anew less and less often, once an hour in the end")
    func again() {
        var watch = DeadWatch()
        var (now, waits): (Duration, [Duration]) = (.zero, [])
        for count in 1...10 {
            let told = now
            // A minute until it is given up again.
            if count > 1 { now += .seconds(59) }
            while watch.sort([note], dead: ["a": count], at: now).due.isEmpty { now += .seconds(1) }
            waits.append(now - told)
            watch.began([note], dead: ["a": count], at: now)
            #expect(watch.sort([note], dead: ["a": count], at: now) == .init(others: [note]), "it had to go after that")
        }
        #expect(waits == [0, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600].map { .seconds($0) })
        now += DeadWatch.longestPatience * 2
        watch.began([note], dead: ["a": 11], at: now)
        #expect(watch.sort([note], dead: ["a": 12], at: now + DeadWatch.patience).due == [note], "calm for long")
    }
}
