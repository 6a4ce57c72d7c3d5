internal import SaltBus

/// Where the sink sends: a Salt master's bus, or the screen of a demo.
protocol EventBus: Sendable {
    /// Begins to connect, and goes on without end; what happens is reported.
    func start()

    /// Sends events, in order.
    ///
    /// Ignored when the session is over.
    func send(_ events: [OutgoingEvent], session: Int)
    func stop()
}

extension BusClient: EventBus {}
