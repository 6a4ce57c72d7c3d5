internal import CLinux

/// A moment by the wall clock, in microseconds since 1970 (UTC).
package struct Timestamp: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: moment.microseconds + Int64(duration / .microseconds(1)))
    }

    /// How long it is until another moment; negative when that is past.
    package func duration(to other: Timestamp) -> Duration {
        .microseconds(other.microseconds - microseconds)
    }

    /// The machine's clock.
    ///
    /// Costs some 30 ns, so a libvirt callback may ask.
    package static var now: Timestamp {
        Timestamp(microseconds: clinux_wall_clock_microseconds())
    }
}
