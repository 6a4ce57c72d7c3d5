/// Tells which failures of attempts are worth a report.
///
/// One is if it is new in this outage, or if it has come twice in a row after another was told last. So a failure that
/// stays is told once, what is told last is what stands, and a peer whose answers alternate fills no log.
struct FailureNews: Sendable {
    /// An outage of a real master has three or four; hostile peers can make up no more than this many.
    private static let limit = 32

    private var told: BusFailure?
    private var last: BusFailure?
    private var known: Set<BusFailure> = []

    mutating func isNews(_ failure: BusFailure) -> Bool {
        defer { last = failure }
        guard failure != told else { return false }
        let isNew = known.count < Self.limit && known.insert(failure).inserted
        guard isNew || failure == last else { return false }
        told = failure
        return true
    }
}
