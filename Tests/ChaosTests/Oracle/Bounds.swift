/// What a service is granted on a machine that has more or less else to do, in seconds.
struct Bounds: Sendable {
    /// How long before its fault a gap may begin: as old as the last proof of hearing may be.
    let before: Double

    /// How long a host may take to be up when the last of its faults could be over.
    let comeback: Double

    /// How long it may take until a class that is deaf is found out and its connection made anew.
    let audit: Double

    /// Keepalive's interval: a host that says nothing for twice as long is lost.
    let keepalive: Double

    /// How long the service has to tell everything after the last fault: audits and reconnects take some seconds of it.
    let patience: Double

    /// Whether a call that takes longer than the probe's deadline does so because of the host.
    let isProbeJudged: Bool

    /// For schedules that have the machine to themselves: a probe's two seconds, its deadline of two and some; the
    /// backoff's cap and two attempts; two looks of an audit and the way back.
    static let alone = Bounds(before: 5, comeback: 8, audit: 12, keepalive: 1, patience: 20, isProbeJudged: true)

    /// For the one that runs beside all other tests.
    static let crowded = Bounds(
        before: longestBefore,
        comeback: 30,
        audit: 20,
        keepalive: 2,
        patience: 60,
        isProbeJudged: false
    )

    /// The most that is ever granted: when a host was last heard is noted every 10 s.
    static let longestBefore = 12.0
}
