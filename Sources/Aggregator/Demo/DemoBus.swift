internal import Connections
internal import Dispatch
internal import Foundation
internal import SaltBus

/// What takes the bus's place in the demo: prints what the bus would get, and confirms at once.
final class DemoBus: EventBus {
    private let queue = DispatchQueue(label: "aggregator.demo.bus")
    private let printer: EventPrinter
    private let now: @Sendable () -> Timestamp
    private let report: @Sendable (BusReport) -> Void

    init(
        printer: EventPrinter,
        now: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (BusReport) -> Void
    ) {
        self.printer = printer
        self.now = now
        self.report = report
    }

    func start() {
        queue.async { self.report(.ready(session: 1, framing: .bare)) }
    }

    func send(_ events: [OutgoingEvent], session: Int) {
        queue.async {
            let stamp = Stamp(microseconds: self.now().microseconds, form: .naive)
            for event in events {
                self.printer.print(UnstampedEvent(bytes: event.bytes).stamped(with: stamp))
            }
            self.report(.confirmed(session: session, tickets: events.map(\.ticket)))
        }
    }

    func stop() {}
}
