internal import Dispatch
internal import Glibc
internal import Logging

/// Ends the service once, within a bound: whatever hangs, the process does not outlive its stop timeout by much.
actor Stopper {
    private let logger: Logger
    private let bound: Duration
    private let shutDown: @Sendable () async -> Void
    private var isStopping = false

    /// - Parameters:
    ///   - logger: Hears why.
    ///   - bound: How long stopping may take.
    ///   - shutDown: Begins the orderly end.
    init(logger: Logger, bound: Duration, shutDown: @escaping @Sendable () async -> Void) {
        self.logger = logger
        self.bound = bound
        self.shutDown = shutDown
    }

    /// A signal came: the first begins an orderly end, the second ends the process at once.
    func stop(because signal: String) async {
        if isStopping {
            logger.warning("Second signal: ending at once", metadata: ["signal": "\(signal)"])
            _exit(CommandExit.failed.rawValue)
        }
        logger.notice("Stopping", metadata: ["signal": "\(signal)"])
        await end()
    }

    /// Begins an orderly end, unless one has begun.
    func end() async {
        guard !isStopping else { return }
        isStopping = true
        // A plain thread's timer, not a Task: it must come even when every Task is stuck.
        let logger = logger
        DispatchQueue(label: "aggregator.stop").asyncAfter(deadline: .now() + bound.seconds) {
            logger.error("Stopping took too long: ending at once; what is unsent stays in the spool")
            _exit(CommandExit.failed.rawValue)
        }
        await shutDown()
    }
}
