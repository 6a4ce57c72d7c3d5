/// The bytes that are to be written to pull, and how long they have not moved.
struct OutgoingQueue: Sendable {
    /// 256 events at the 64 KiB cap of an event are 16 MiB; four times that is more than any window needs.
    static let limit = 64 << 20

    /// The largest buffer that is kept for what comes next.
    private static let keptLimit = 1 << 20

    private var bytes: [UInt8] = []

    /// How much of `bytes` is written.
    private var offset = 0

    /// Position in the connection's stream behind everything queued so far.
    private(set) var end = 0

    /// Position in the connection's stream behind everything written so far.
    private(set) var written = 0

    /// When the oldest byte was queued or the last one was written; nil while there is nothing to write.
    private(set) var waitingSince: ContinuousClock.Instant?

    var isEmpty: Bool { written == end }

    mutating func append(
        _ event: UnstampedEvent,
        stamp: Stamp,
        framing: Framing,
        at instant: ContinuousClock.Instant
    ) {
        let before = bytes.count
        framing.append(event, stamp: stamp, to: &bytes)
        end += bytes.count - before
        waitingSince = waitingSince ?? instant
    }

    mutating func advance(by count: Int, at instant: ContinuousClock.Instant) {
        let count = min(count, end - written)
        guard count > 0 else { return }
        written += count
        offset += count
        waitingSince = isEmpty ? nil : instant
        guard !isEmpty || bytes.count <= Self.keptLimit else {
            // A burst's buffer is not kept for ever.
            bytes = []
            offset = 0
            return
        }
        // Moving what is left costs no more than what was written since the last time.
        if offset * 2 >= bytes.count {
            bytes.removeSubrange(..<offset)
            offset = 0
        }
    }

    func withUnwritten<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
    }
}
