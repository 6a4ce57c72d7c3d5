import Testing

@testable import Aggregator

@Suite("Pacer")
struct PacerTests {
    /// A master that passes events on at a rate, one after the other, and takes a while for each beside that.
    private struct Master {
        var rate: Double
        var delay: Duration
        private var free = Duration.zero

        init(rate: Double, delay: Duration = .milliseconds(1)) { (self.rate, self.delay) = (rate, delay) }

        /// When an event that comes now is on the bus.
        mutating func take(at now: Duration) -> Duration {
            free = max(free, now) + .seconds(1 / rate)
            return free + delay
        }
    }

    /// What a sink with much to send gets out in a time.
    private struct Flood {
        var pacer: Pacer
        var master: Master
        var now = Duration.zero
        private var out: [(sent: Duration, back: Duration)] = []
        private(set) var delays: [Duration] = []

        init(_ pacer: Pacer, _ master: Master) {
            self.pacer = pacer
            self.master = master
        }

        /// - Returns: Events a second.
        mutating func run(_ time: Duration, window: Int = 256) -> Double {
            let end = now + time
            let before = delays.count
            while now < end {
                let due = out.prefix { $0.back <= now }
                for echo in due {
                    pacer.echoed(sent: echo.sent, now: now)
                    delays.append(now - echo.sent)
                }
                out.removeFirst(due.count)
                if !due.isEmpty { pacer.review(at: now) }
                let count = min(window - out.count, pacer.room(at: now))
                for _ in 0..<max(0, count) { out.append((now, master.take(at: now))) }
                pacer.spend(max(0, count))
                if pacer.room(at: now) < 1 { _ = pacer.wait() }
                now += .milliseconds(1)
            }
            return Double(delays.count - before) / (time / .seconds(1))
        }

        /// The slowest of the last echoes but one in a hundred.
        func slowest(of count: Int) -> Duration {
            delays.suffix(count).sorted()[count * 99 / 100]
        }
    }

    private func room(of pacer: inout Pacer, at now: Duration) -> Int { pacer.room(at: now) }
    private func wait(of pacer: inout Pacer) -> Duration { pacer.wait() }

    @Test("off holds nothing back")
    mutating func off() {
        var pacer = Pacer(.off)
        #expect(room(of: &pacer, at: .zero) == .max)
        pacer.spend(1_000_000)
        #expect(room(of: &pacer, at: .zero) == .max)
        #expect(pacer.snapshot == Pacer.Snapshot())
    }

    @Test("a budget is kept to, with a twentieth of a second's worth at once", arguments: [1, 10, 500, 20_000])
    mutating func fixed(rate: Int) {
        var flood = Flood(Pacer(.rate(rate)), Master(rate: 1_000_000))
        let got = flood.run(.seconds(20))
        #expect(abs(got - Double(rate)) <= max(1, Double(rate) * 0.02), "\(got)")
        #expect(flood.pacer.snapshot.rate == rate)
    }

    @Test(
        "after silence there is always a token: a single event waits for nothing",
        arguments: [BusBudget.auto, .rate(1)]
    )
    func single(budget: BusBudget) {
        var pacer = Pacer(budget)
        for second in 0..<10 {
            #expect(room(of: &pacer, at: .seconds(second)) >= 1)
            pacer.spend(1)
        }
    }

    @Test("says how long until the next token, never so short that waking costs more than sending")
    func pause() {
        var slow = Pacer(.rate(10))
        #expect(room(of: &slow, at: .zero) == 1)
        slow.spend(1)
        #expect(wait(of: &slow) == .milliseconds(100))
        #expect(room(of: &slow, at: .milliseconds(100)) == 1)
        var fast = Pacer(.rate(100_000))
        fast.spend(fast.room(at: .zero))
        #expect(wait(of: &fast) == .milliseconds(5))
    }

    @Test(
        "auto finds nearly what the master passes on, without a queue at it",
        arguments: [100.0, 700, 2_500, 5_000, 22_000]
    )
    func finds(capacity: Double) {
        var flood = Flood(Pacer(.auto), Master(rate: capacity))
        _ = flood.run(.seconds(20))
        let got = flood.run(.seconds(20))
        #expect(got > 0.7 * capacity, "\(got)")
        #expect(flood.slowest(of: Int(got)) < .milliseconds(150), "\(flood.slowest(of: Int(got)))")
    }

    @Test("auto finds it also on a master whose every event takes long, and finds it again", arguments: [30, 60, 200])
    func findsSlow(delay: Int) {
        var flood = Flood(Pacer(.auto), Master(rate: 1_000, delay: .milliseconds(delay)))
        for _ in 0..<5 { flood.pacer.lose(at: flood.now) }
        for _ in 1...2 {
            _ = flood.run(.seconds(30))
            let got = flood.run(.seconds(30))
            #expect(got > 700, "\(got)")
            #expect(flood.slowest(of: Int(got)) < .milliseconds(max(250, 4 * delay)), "\(flood.slowest(of: Int(got)))")
            // Whatever keeps it busy for a while is not taken for its own.
            flood.master.rate = 60
            _ = flood.run(.seconds(10))
            flood.master.rate = 1_000
        }
    }

    @Test("auto learns that a master has become slower while there is much to send, and not that it is our doing")
    func becomesSlow() {
        var flood = Flood(Pacer(.auto), Master(rate: 5_000))
        _ = flood.run(.seconds(10))
        flood.master.delay = .milliseconds(70)
        _ = flood.run(.seconds(60))
        let got = flood.run(.seconds(60))
        #expect(got > 2_000, "\(got)")
        #expect(flood.slowest(of: Int(got)) < .milliseconds(200), "\(flood.slowest(of: Int(got)))")
    }

    @Test("auto gets up to a fast master's speed within two seconds")
    func quick() {
        var flood = Flood(Pacer(.auto), Master(rate: 22_000))
        _ = flood.run(.seconds(2))
        let got = flood.run(.seconds(1))
        #expect(got > 10_000, "\(got)")
    }

    @Test("auto gives way when the master becomes slow, and comes back when it recovers")
    func follows() {
        var flood = Flood(Pacer(.auto), Master(rate: 5_000))
        _ = flood.run(.seconds(10))
        flood.master.rate = 300
        _ = flood.run(.seconds(10))
        #expect(flood.slowest(of: 500) < .milliseconds(200))
        flood.master.rate = 5_000
        _ = flood.run(.seconds(10))
        let got = flood.run(.seconds(5))
        #expect(got > 3_000, "\(got)")
    }

    @Test("auto never goes below its floor, whatever the master does, so that everything gets out at last")
    func floor() {
        var flood = Flood(Pacer(.auto), Master(rate: 1))
        _ = flood.run(.seconds(60))
        var pacer = flood.pacer
        for _ in 0..<100 { pacer.lose(at: flood.now) }
        #expect(pacer.snapshot.rate == Int(Pacer.least))
    }

    @Test("a rate that holds nothing back does not grow")
    func staysWithoutNeed() {
        var pacer = Pacer(.auto)
        for step in 0..<1_000 {
            let now = Duration.milliseconds(10 * step)
            _ = pacer.room(at: now)
            pacer.spend(1)
            pacer.echoed(sent: now, now: now + .milliseconds(1))
            pacer.review(at: now + .milliseconds(1))
        }
        #expect(pacer.snapshot == Pacer.Snapshot(rate: 1_000, delay: .milliseconds(1), isLimited: false))
    }
}
