internal import Dispatch
internal import SaltBus

/// A bus that confirms at once whatever it is given: what is measured with it is ours alone.
final class NullBus: EventBus {
    private let queue = DispatchQueue(label: "aggregator.bench.bus")
    private let report: @Sendable (BusReport) -> Void

    init(report: @escaping @Sendable (BusReport) -> Void) {
        self.report = report
    }

    func start() {
        queue.async { self.report(.ready(session: 1, framing: .lengthPrefixed)) }
    }

    func send(_ events: [OutgoingEvent], session: Int) {
        queue.async { self.report(.confirmed(session: session, tickets: events.map(\.ticket))) }
    }

    func stop() {}
}
