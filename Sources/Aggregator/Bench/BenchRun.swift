internal import Connections
internal import SaltBus

/// Takes events at a pace until all are on the bus, and measures what that costs.
struct BenchRun {
    let plan: BenchPlan
    let path: BenchPath
    private var fleet: SyntheticFleet

    /// The most that were on their way at once.
    private var mostWaiting = 0

    /// How often it takes what is due: each time costs some switches of threads, which are the bench's and no event's.
    private static let tick = Duration.milliseconds(4)

    init(plan: BenchPlan, path: BenchPath) throws {
        self.plan = plan
        self.path = path
        fleet = try SyntheticFleet(hosts: plan.hosts, instance: plan.instance)
    }

    /// - Returns: Everything but what only the closed journal tells.
    /// - Throws: ``BenchFailure`` when the bus is not there, or nothing comes back any more.
    mutating func run() async throws -> BenchResult {
        await path.start()
        try await waitForBus()
        let mapping = fleet.mappingCost(of: 5_000)
        let before = ProcessUsage.now
        switch plan.pace {
        case .flood: try await flood()
        case .rate(let rate): try await keep(rate)
        case .idle: try await keep(100)
        }
        try await waitForEchoes()
        await path.finish()
        let after = ProcessUsage.now
        return BenchResult(
            plan: plan,
            times: path.times.summary,
            relayed: await path.relayed(),
            mostWaiting: mostWaiting,
            cpu: after.cpu - before.cpu,
            mapping: mapping,
            peakMemory: after.peakMemory
        )
    }

    private func waitForBus() async throws {
        let limit = ContinuousClock.now + plan.patience
        while !path.times.isReady {
            guard ContinuousClock.now < limit, path.times.failure.map(Self.isWorthWaiting) ?? true else {
                let why = path.times.failure.map { "\($0)" } ?? "no event of ours came back"
                throw BenchFailure(message: "the bus is not there: \(why)", exit: .unavailable)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// A bus that is not there at all will hardly come while somebody waits for figures.
    private static func isWorthWaiting(_ failure: BusFailure) -> Bool {
        switch failure.code {
        case .address, .missing, .refused, .permission: false
        case .timeout, .closed, .protocolError, .echoSilent, .overrun, .system: true
        }
    }

    private mutating func flood() async throws {
        var watch = Progress(plan.patience)
        while path.times.taken < plan.events {
            var room = BenchPlan.waitingLimit - look()
            while room > 0, path.times.taken < plan.events, take() { room -= 1 }
            try await watch.wait(Self.tick, for: path.times)
        }
    }

    /// Takes what is due every few milliseconds; what cannot be taken is late, and shows in the rate.
    private mutating func keep(_ rate: Int) async throws {
        var watch = Progress(plan.patience)
        let begin = ContinuousClock.now
        while path.times.taken < plan.events {
            let due = Int(begin.duration(to: .now) / .seconds(1) * Double(rate)) + 1
            var room = BenchPlan.waitingLimit - look()
            while room > 0, path.times.taken < min(due, plan.events), take() { room -= 1 }
            let next = begin + .seconds(Double(path.times.taken) / Double(rate))
            try await watch.wait(max(Self.tick, ContinuousClock.now.duration(to: next)), for: path.times)
        }
    }

    private mutating func take() -> Bool {
        path.times.take()
        guard fleet.speak(through: path.relay, at: .now) else {
            path.times.takeBack()
            return false
        }
        return true
    }

    private mutating func look() -> Int {
        let waiting = path.times.waiting
        mostWaiting = max(mostWaiting, waiting)
        return waiting
    }

    private mutating func waitForEchoes() async throws {
        var watch = Progress(plan.patience)
        while look() > 0 { try await watch.wait(.milliseconds(2), for: path.times) }
    }

    /// Waits, but not for ever for a bus that confirms nothing any more.
    private struct Progress {
        private let patience: Duration
        private var echoes = -1
        private var since = ContinuousClock.now

        init(_ patience: Duration) {
            self.patience = patience
        }

        mutating func wait(_ pause: Duration, for times: BenchTimes) async throws {
            try await Task.sleep(for: pause)
            let now = times.echoes
            if now != echoes || times.waiting == 0 { (echoes, since) = (now, .now) }
            guard since.duration(to: .now) < patience else {
                let why = times.failure.map { ": \($0)" } ?? ""
                throw BenchFailure(
                    message: "\(times.waiting) of \(times.taken) events did not come back from the bus\(why)",
                    exit: .failed
                )
            }
        }
    }
}
