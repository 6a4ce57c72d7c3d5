import SaltBus
import Synchronization

@testable import Aggregator

/// A bus that does what a test says and keeps what it was given.
final class RecordingBus: EventBus {
    private let given = Mutex<[Int64]>([])
    private let bytes = Mutex<[[UInt8]]>([])
    private let confirmed = Mutex(0)
    private let report: @Sendable (BusReport) -> Void

    init(report: @escaping @Sendable (BusReport) -> Void) {
        self.report = report
    }

    func start() {}
    func stop() {}

    func send(_ events: [OutgoingEvent], session: Int) {
        bytes.withLock { $0 += events.map(\.bytes) }
        given.withLock { $0 += events.map(\.ticket) }
    }

    /// The tickets of everything sent so far.
    var sent: [Int64] { given.withLock { $0 } }

    /// The same events' bytes.
    var sentBytes: [[UInt8]] { bytes.withLock { $0 } }

    func becomeReady(session: Int = 1, framing: Framing = .lengthPrefixed) {
        report(.ready(session: session, framing: framing))
    }
    func confirm(_ tickets: Int64..., session: Int = 1) { report(.confirmed(session: session, tickets: tickets)) }
    func confirm(all tickets: [Int64], session: Int = 1) { report(.confirmed(session: session, tickets: tickets)) }

    /// Confirms what it was given since it did so last.
    func confirmTheRest() {
        let rest = given.withLock { given in
            confirmed.withLock { confirmed in
                defer { confirmed = given.count }
                return Array(given[confirmed...])
            }
        }
        if !rest.isEmpty { confirm(all: rest) }
    }

    func refuse(_ ticket: Int64, session: Int = 1) {
        report(.undeliverable(session: session, ticket: ticket, why: "scripted"))
    }
    func lose(session: Int = 1, code: BusFailure.Code = .closed) {
        report(.lost(session: session, BusFailure(code, message: "scripted")))
    }
}
