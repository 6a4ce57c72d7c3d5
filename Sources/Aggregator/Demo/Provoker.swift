internal import Connections

/// Lets things happen on the demo's hypervisors, one step after the other.
actor Provoker {
    /// Slow enough to read along.
    private static let pause = Duration.milliseconds(250)

    private let driver: TestNodeDriver
    private let nodes: [TestNode]
    private let runtime: LibvirtRuntime

    /// The highest number of hosts that were up at one time.
    private(set) var mostUp = 0

    init(driver: TestNodeDriver, nodes: [TestNode], runtime: LibvirtRuntime) {
        self.driver = driver
        self.nodes = nodes
        self.runtime = runtime
    }

    /// Provokes events until `limit` has passed, or until cancelled.
    ///
    /// - Parameters:
    ///   - limit: `nil` = without end.
    ///   - snapshot: What the watchers are doing.
    func run(for limit: Duration?, snapshot: @Sendable () async -> [String: WatcherStatus]) async {
        let end = limit.map { ContinuousClock.now + $0 }
        var turn = 0
        while !Task.isCancelled, end.map({ $0 > .now }) ?? true {
            let up = await snapshot().values.count { $0.phase == .up }
            mostUp = max(mostUp, up)
            if up == nodes.count {
                let steps = TestNode.Step.allCases
                await perform(steps[turn / nodes.count % steps.count], on: nodes[turn % nodes.count])
                turn += 1
            }
            let rest = end.map { ContinuousClock.now.duration(to: $0) } ?? Self.pause
            try? await Task.sleep(for: min(up == nodes.count ? Self.pause : .milliseconds(20), rest))
        }
    }

    private func perform(_ step: TestNode.Step, on node: TestNode) async {
        await withCheckedContinuation { continuation in
            let call = BlockingCall<Void>(
                deadline: .seconds(5),
                body: { self.driver.perform(step, on: node) },
                finished: { continuation.resume() },
                expired: { continuation.resume() }
            )
            runtime.pool.submit(call, lane: .call)
        }
    }
}
