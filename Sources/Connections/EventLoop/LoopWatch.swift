internal import Dispatch
internal import Logging

/// Sees to it that no connection holds up the loop: on its one thread every host is heard.
///
/// libvirt blocks in a handler when the program of a transport has ended and something else still has its standard error:
/// it reads that to the end. And it reads what has come until there is no more, which a peer that never stops sending does
/// not let it come to.
final class LoopWatch: Sendable {
    /// Between two looks; whoever is in the same handler at both holds up the loop.
    ///
    /// Looks are counted, not time, so that a process that was stopped itself blames nobody.
    static let interval = Duration.seconds(2)

    private struct State {
        var last: LoopHandler?

        /// When the one that holds up the loop was first seen.
        var since: Duration?
        var isEnding = false

        /// - Returns: For how long a handler has held up the loop that does so still, or no longer.
        mutating func saw(_ handler: LoopHandler?, at now: Duration) -> (held: Duration?, former: Duration?) {
            defer { last = handler }
            if let handler, handler.number == last?.number {
                let since = since ?? now - LoopWatch.interval
                self.since = since
                return (now - since, nil)
            }
            defer { since = nil }
            return (nil, since.map { now - $0 })
        }
    }

    private let loop: EventLoop
    private let pool: BlockingPool
    private let logger: Logger
    private let scheduler: any Scheduler
    private let queue = DispatchQueue(label: "aggregator.loop-watch")
    private let state = PosixLock(State())

    init(_ loop: EventLoop, pool: BlockingPool, logger: Logger, scheduler: any Scheduler = DispatchScheduler()) {
        self.loop = loop
        self.pool = pool
        self.logger = logger
        self.scheduler = scheduler
    }

    /// Looks from now on, for as long as the process lives.
    func start() {
        _ = scheduler.schedule(after: Self.interval, on: queue) {
            self.look()
            self.start()
        }
    }

    private func look() {
        let handler = loop.handler
        let (held, former) = state.withLock { $0.saw(handler, at: scheduler.now) }
        if let former {
            loop.goesOn()
            logger.info("Event loop goes on", metadata: [LogKeys.age: "\(former.brief)"])
        }
        guard let held, let handler else { return }
        if loop.isHeldUp(by: handler) {
            logger.warning(
                "Event loop held up; ending the connection, no host is heard meanwhile",
                metadata: [LogKeys.host: "\(handler.binding?.host ?? "")", LogKeys.age: "\(held.brief)"]
            )
        }
        if let binding = handler.binding { end(binding) }
    }

    /// Ends a connection, again and again until its handler returns: what it waits for may not listen the first time.
    private func end(_ binding: LoopBinding) {
        let isEnding = state.withLock { state in
            defer { state.isEnding = true }
            return state.isEnding
        }
        guard !isEnding else { return }
        let done: @Sendable () -> Void = { self.state.withLock { $0.isEnding = false } }
        let call = BlockingCall<Void>(deadline: .seconds(5), body: { binding.end() }, finished: done, late: done)
        pool.submit(call, lane: .abort, admission: Admission(host: binding.host))
    }
}
