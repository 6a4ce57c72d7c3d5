internal import SaltBus

/// Takes events at a pace until all are on the bus, and measures what that costs.
struct BenchRun {
    let plan: BenchPlan
    let path: BenchPath
    private let fleet: SyntheticFleet

    init(plan: BenchPlan, path: BenchPath) throws {
        self.plan = plan
        self.path = path
        fleet = try SyntheticFleet(hosts: plan.hosts, instance: plan.instance)
    }

    /// - Returns: Everything but what only the closed journal tells.
    /// - Throws: ``BenchFailure`` when the bus is not there, or nothing comes back any more.
    func run() async throws -> BenchResult {
        await path.start()
        try await waitForBus()
        // Taken off what a flood's events cost, which find everything warm: so the first ones do not count.
        _ = fleet.mappingCost(of: 5_000)
        let mapping = fleet.mappingCost(of: 5_000)
        let before = ProcessUsage.now
        let mostWaiting = try await BenchFeeder(plan: plan, relay: path.relay, times: path.times, fleet: fleet).run()
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
}
