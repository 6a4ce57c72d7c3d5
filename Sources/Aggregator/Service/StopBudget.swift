/// How the time that stopping may take is shared: one part after the other, and the rest is for the last words to reach
/// the disk.
struct StopBudget: Equatable, Sendable {
    /// For requests that are being answered.
    let admin: Duration

    /// For connections that close.
    let watchers: Duration

    /// For what waits for the bus.
    let drain: Duration

    init(_ bound: Duration) {
        admin = min(.seconds(1), bound * 0.1)
        watchers = bound * 0.35
        drain = bound * 0.4
    }
}
