internal import Connections
internal import SaltBus

/// Whether the bus can be sent to, as the status shows it.
struct BusState: Equatable, Sendable {
    enum Phase: String, Sendable {
        /// Nothing is known yet.
        case connecting

        /// A probe came back.
        case ready
        case away
    }

    var phase: Phase

    /// Since when it is so.
    var since: Timestamp
    var framing: Framing?

    /// Why it is away.
    var failure: BusFailure?

    /// - Parameter session: The one that events are sent in; what is lost of another is old news.
    mutating func take(_ report: BusReport, session: Int?, at now: Timestamp) {
        switch report {
        case .ready(_, let framing): self = BusState(phase: .ready, since: now, framing: framing)
        case .lost(let lost, let failure) where lost == session:
            self = BusState(phase: .away, since: now, failure: failure)
        case .unavailable(let failure):
            self = BusState(phase: .away, since: phase == .away ? since : now, failure: failure)
        case .lost, .confirmed, .undeliverable: break
        }
    }
}
