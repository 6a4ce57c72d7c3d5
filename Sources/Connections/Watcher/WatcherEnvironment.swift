package import Dispatch
package import Logging

/// What every watcher of the service shares, and what time and chance are.
package struct WatcherEnvironment: Sendable {
    /// Deadlines of the two tries of an attempt to open.
    package struct Deadlines: Hashable, Sendable {
        package var fast: Duration
        package var slow: Duration

        /// - Parameters:
        ///   - fast: The default is 2 s.
        ///   - slow: The default is 15 s.
        package init(fast: Duration = .seconds(2), slow: Duration = .seconds(15)) {
            self.fast = fast
            self.slow = slow
        }
    }

    package var driver: any HypervisorDriver
    package var pool: BlockingPool
    /// The one concurrent queue that all watcher queues target: no thread per host, no overcommit.
    package var targetQueue: DispatchQueue
    package var scheduler: any Scheduler
    package var now: @Sendable () -> Timestamp
    package var random: any RandomNumberGenerator & Sendable
    package var deadlines: Deadlines
    package var backoff: Backoff

    /// How often a host is asked whether it answers; zero = never.
    package var probe: Duration

    /// How long it may take to answer before there is doubt.
    package var probeDeadline: Duration

    /// How often everything is listed and compared with what was told; zero = never.
    package var audit: Duration
    package var flapLimit: FlapLimit

    /// What first retries take turns by, over the whole fleet.
    package var spread: LossSpread
    package var logger: Logger

    /// - Parameters:
    ///   - probe: The default is 30 s.
    ///   - probeDeadline: The default is 5 s.
    ///   - audit: The default is 5 min.
    package init(
        driver: any HypervisorDriver,
        pool: BlockingPool,
        targetQueue: DispatchQueue = DispatchQueue(label: "aggregator.watchers", attributes: .concurrent),
        scheduler: any Scheduler = DispatchScheduler(),
        now: @escaping @Sendable () -> Timestamp = { .now },
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        deadlines: Deadlines = Deadlines(),
        backoff: Backoff = Backoff(),
        probe: Duration = .seconds(30),
        probeDeadline: Duration = .seconds(5),
        audit: Duration = .seconds(300),
        flapLimit: FlapLimit = FlapLimit(),
        spread: LossSpread = LossSpread(),
        logger: Logger
    ) {
        self.driver = driver
        self.pool = pool
        self.targetQueue = targetQueue
        self.scheduler = scheduler
        self.now = now
        self.random = random
        self.deadlines = deadlines
        self.backoff = backoff
        self.probe = probe
        self.probeDeadline = probeDeadline
        self.audit = audit
        self.flapLimit = flapLimit
        self.spread = spread
        self.logger = logger
    }
}
