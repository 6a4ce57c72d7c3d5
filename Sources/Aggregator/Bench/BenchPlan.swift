internal import Spool

/// What a bench is to do.
struct BenchPlan: Sendable {
    /// When events are taken.
    enum Pace: Sendable {
        /// As fast as the journal takes them, with at most ``BenchPlan/waitingLimit`` on their way.
        case flood

        /// So many a second.
        case rate(Int)

        /// One every 10 ms, so that each finds everything at rest.
        case idle
    }

    static let eventLimit = 1_000_000

    /// 20,000 events on their way are about what a master's second is worth.
    static let waitingLimit = 20_000

    var events: Int
    var hosts: Int
    var pace: Pace

    /// Sixteen random hexadecimal digits.
    var instance: String
    var window: Int
    var budget: BusBudget
    var durability: Spool.Durability

    /// How long the bus may confirm nothing before the bench ends without it.
    var patience: Duration
}
