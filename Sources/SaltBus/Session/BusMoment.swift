internal import Glibc

/// One reading of both clocks.
package struct BusMoment: Sendable {
    /// What deadlines are measured with.
    package let instant: ContinuousClock.Instant

    /// Wall-clock time in microseconds since 1970, for stamps.
    package let wall: Int64

    package init(instant: ContinuousClock.Instant, wall: Int64) {
        self.instant = instant
        self.wall = wall
    }

    /// Reads the system's clocks: the default at the edge, called by nothing within.
    @Sendable package static func now() -> BusMoment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return BusMoment(
            instant: ContinuousClock.now,
            wall: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        )
    }
}
