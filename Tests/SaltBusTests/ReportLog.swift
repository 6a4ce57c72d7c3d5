import Glibc

@testable import SaltBus

/// Collects what a ``BusClient`` reports and waits for facts in it.
final class ReportLog: Sendable {
    private let reports = PosixLock<[BusReport]>([])

    /// Longer than anything here takes on a busy machine; a fact that is missing by then will never be.
    private static let patience = Duration.seconds(180)

    /// To be given to the client.
    func add(_ report: BusReport) {
        reports.withLock { $0.append(report) }
    }

    var all: [BusReport] { reports.withLock { $0 } }

    /// Tickets confirmed in `session`, in the order reported.
    func confirmed(in session: Int) -> [Int64] {
        all.flatMap { report in
            if case .confirmed(session, let tickets) = report { tickets } else { [] as [Int64] }
        }
    }

    /// The first report, from `start` on, that `match` makes something of; nil if none comes in time.
    func wait<Found>(from start: Int = 0, for match: (BusReport) -> Found?) -> Found? {
        var found: Found?
        _ = holds {
            found = all.dropFirst(start).lazy.compactMap(match).first
            return found != nil
        }
        return found
    }

    /// Looks until `fact` holds; false if it does not in time.
    func holds(_ fact: () -> Bool) -> Bool {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if fact() { return true }
            poll(nil, 0, 1)
        }
        return fact()
    }

    func ready(_ session: Int) -> Framing? {
        wait { if case .ready(session, let framing) = $0 { framing } else { nil } }
    }

    func lost(_ session: Int) -> BusFailure? {
        wait { if case .lost(session, let failure) = $0 { failure } else { nil } }
    }

    func unavailable(_ code: BusFailure.Code) -> BusFailure? {
        wait { if case .unavailable(let failure) = $0, failure.code == code { failure } else { nil } }
    }
}
