/// Sends events to a Salt master's event bus and says which of them were seen there.
///
/// A thin shell: ``BusSession`` decides, ``BusLoop`` performs on a thread of its own. It keeps trying without end, and
/// keeps nothing: after ``BusReport/lost(session:_:)`` the caller sends again what it still has.
package final class BusClient: Sendable {
    package typealias Configuration = BusConfiguration

    private let configuration: Configuration
    private let clock: @Sendable () -> BusMoment
    private let random: any RandomNumberGenerator & Sendable
    private let report: @Sendable (BusReport) -> Void
    private let mailbox = BusMailbox()
    private let state = PosixLock(State.new)

    private enum State: Sendable {
        case new
        case running(BusThread)
        case stopped
    }

    /// - Parameters:
    ///   - configuration: Which bus, and how patiently.
    ///   - clock: The system's clocks by default.
    ///   - random: For the jitter of pauses and the nonces of probes.
    ///   - report: Called on the bus thread, in the order of the facts. It must not block; it may call ``send(_:session:)``.
    package init(
        configuration: Configuration,
        clock: @escaping @Sendable () -> BusMoment = BusMoment.now,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        report: @escaping @Sendable (BusReport) -> Void
    ) {
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.report = report
    }

    deinit {
        stop()
    }

    /// Starts the thread, once; after ``stop()`` it does nothing.
    ///
    /// Any thread.
    package func start() {
        let isRefused = state.withLock { state in
            guard case .new = state else { return false }
            let loop = BusLoop(
                session: BusSession(configuration, random: random),
                endpoint: configuration.endpoint,
                mailbox: mailbox,
                clock: clock,
                report: report
            )
            guard let thread = BusThread(running: loop) else { return true }
            state = .running(thread)
            return false
        }
        guard isRefused else { return }
        report(.unavailable(BusFailure(.system, message: "the system has no thread for the bus")))
    }

    /// Sends events in this order, behind those sent before.
    ///
    /// Any thread; returns at once.
    ///
    /// - Parameters:
    ///   - events: At most 4,096 may be unconfirmed at a time; with more the session is lost (`overrun`).
    ///   - session: From ``BusReport/ready(session:framing:)``; if that one is over, the events are ignored.
    package func send(_ events: [OutgoingEvent], session: Int) {
        mailbox.put(events, session: session)
    }

    /// Closes both connections at once, whatever is unconfirmed.
    ///
    /// Any thread; only the first call does something.
    ///
    /// Returns after the thread has ended, and then nothing is reported any more. On the bus thread itself, that is
    /// from within `report`, it only asks for the end.
    package func stop() {
        mailbox.stop()
        let last = state.withLock { state in
            defer { state = .stopped }
            return state
        }
        guard case .running(let thread) = last else { return }
        if thread.isCurrent { thread.detach() } else { thread.join() }
    }

    /// A snapshot that the bus thread renews whenever it wakes.
    ///
    /// Any thread.
    package var counters: BusCounters { mailbox.counters }
}
