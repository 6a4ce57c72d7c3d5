/// Cuts the bytes of the pub socket into events, in whatever pieces they come.
///
/// The first byte of a session tells the framing. Every byte is looked at once: what a piece leaves unfinished is kept,
/// and parsing resumes where it stopped. After ``Malformed`` the session is over, since nothing after it can be trusted.
package struct PubStream: Sendable {
    /// The bytes are not what a master publishes.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let message: String
        package var description: String { message }
    }

    /// No frame is larger: masters relay 99 MiB and reset the connection at 101.
    package static let frameLimit = 128 << 20

    /// Larger events are counted and passed over.
    ///
    /// With what one read adds, this bounds the memory of a session.
    package static let keptLimit = 1 << 20

    /// Told by the first byte; nil before it.
    package internal(set) var framing: Framing?

    /// Events passed over because they were larger than ``keptLimit``.
    package internal(set) var oversized = 0

    /// What the parser takes next.
    enum Step {
        case frame
        case map
        case key
        case value(isBody: Bool)

        /// So many whole values.
        case skip(Int)
    }

    var step = Step.frame

    /// Entries of the frame's map that are not finished.
    var entries = 0

    /// Bytes that the frame may still have, those of ``passing`` not counted.
    var frameLeft = 0

    /// Bytes to pass over before ``step``.
    var passing = 0

    /// An unfinished piece: one token, or an event of at most ``keptLimit``.
    private var partial: [UInt8] = []

    package init() {}

    /// Takes the next bytes and calls `each` with every event that is complete, in order.
    ///
    /// - Parameters:
    ///   - piece: What was read.
    ///   - context: Handed to `each`.
    ///   - each: The event's bytes are valid during the call only.
    /// - Throws: ``Malformed``, after the events before it; the stream is of no use then.
    package mutating func read<Context>(
        _ piece: UnsafeRawBufferPointer,
        into context: inout Context,
        each: (inout Context, UnsafeRawBufferPointer) -> Void
    ) throws(Malformed) {
        guard !partial.isEmpty else {
            let parsed = try parse(piece, into: &context, each: each)
            partial.append(contentsOf: piece[parsed...])
            return
        }
        var whole = partial.taken()
        whole.append(contentsOf: piece)
        let parsed = try whole.span.bytes.withUnsafeBytes { (bytes) throws(Malformed) in
            try parse(bytes, into: &context, each: each)
        }
        whole.removeSubrange(..<parsed)
        partial = whole
    }

    /// Parses as far as the bytes go and returns how far that was.
    private mutating func parse<Context>(
        _ bytes: UnsafeRawBufferPointer,
        into context: inout Context,
        each: (inout Context, UnsafeRawBufferPointer) -> Void
    ) throws(Malformed) -> Int {
        var position = 0
        while true {
            let passed = min(passing, bytes.count - position)
            passing -= passed
            position += passed
            guard position < bytes.count else { return position }

            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            guard let (taken, event) = try takeStep(rest) else { return position }
            position += taken
            if let event { each(&context, event) }
        }
    }
}
