/// The bus time of an event, `_stamp`, as Salt's own clients write it: UTC with microseconds.
package struct Stamp: Hashable, Sendable {
    /// How the offset from UTC is written.
    package enum Form: Hashable, Sendable {
        /// `2026-11-22T08:28:19.265359`, as Salt 3006 and 3007 do.
        case naive

        /// `2026-11-22T08:28:19.265359+00:00`, as Salt 3008 does.
        case offset
    }

    /// The text; see ``ClockText``.
    package let text: String

    /// The key and value that end an event's map.
    let entry: [UInt8]

    /// - Parameters:
    ///   - microseconds: Wall-clock time in microseconds since 1970, UTC.
    ///   - form: How the offset is written.
    package init(microseconds: Int64, form: Form) {
        text = ClockText.text(microseconds: microseconds, tail: form == .offset ? "+00:00" : "")
        var encoder = MessagePackEncoder()
        encoder.string("_stamp")
        encoder.string(text)
        entry = encoder.bytes
    }
}
