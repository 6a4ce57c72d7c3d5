internal import Spool

/// The time since when something waits that is not settled, or an earlier one: of what may have waited that long again.
///
/// A value without a clock, and of two records, however many wait.
struct OpenSince: Sendable {
    /// When a record was observed before which all are settled, in microseconds since 1970; `nil` = none was read.
    private(set) var time: Int64?

    /// The one that takes its place once all up to it are settled, too.
    private var next: (position: Int64, time: Int64)?

    /// A record is read, in order.
    ///
    /// - Parameter watermark: Up to here everything is settled.
    mutating func take(_ event: SpooledEvent, settled watermark: Int64) {
        guard next.map({ $0.position <= watermark }) ?? true else { return }
        time = next?.time ?? event.record.time
        next = (event.position, event.record.time)
    }
}
