internal import Connections
internal import Glibc
internal import Synchronization

/// The names of the users who ask.
///
/// A directory service may be asked for them and be slow, so that happens on a plain thread of its own, one name at a
/// time, and nobody waits for long.
actor UserNames {
    /// How long a request may wait for a name.
    static let patience = Duration.seconds(1)

    /// How many names are remembered, so that the directory is not asked for each request.
    static let limit = 64

    /// How many look-ups may wait behind one that does not return; more are not made.
    static let queueLimit = 4

    private let scheduler: any Scheduler
    private let look: @Sendable (uid_t) -> String?
    private let pool: BlockingPool
    private var known: [uid_t: String] = [:]

    /// Look-ups that were asked for and have not returned.
    private let underWay = Atomic<Int>(0)

    /// - Parameters:
    ///   - scheduler: Tells when a look-up takes too long.
    ///   - look: Looks a name up, and may block. The default asks the system.
    init(scheduler: any Scheduler, look: @escaping @Sendable (uid_t) -> String? = PeerUser.name) {
        self.scheduler = scheduler
        self.look = look
        pool = BlockingPool(caps: [.call: 1], slowCalls: 0, scheduler: scheduler)
    }

    /// The name of a user, or `uid 1000` where it has none or nobody tells it in time.
    func name(of user: uid_t) async -> String {
        if let name = known[user] { return name }
        guard underWay.load(ordering: .acquiring) < Self.queueLimit else { return "uid \(user)" }
        underWay.add(1, ordering: .relaxed)
        let found = await pool.run(
            within: Self.patience,
            scheduler: scheduler,
            returned: { self.underWay.subtract(1, ordering: .releasing) },
            { [look] in look(user) }
        )
        guard let name = found ?? nil else { return "uid \(user)" }
        if known.count >= Self.limit { known = [:] }
        known[user] = name
        return name
    }
}
