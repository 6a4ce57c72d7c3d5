/// The bus time of an event, `_stamp`, as Salt's own clients write it: UTC with microseconds.
package struct Stamp: Hashable, Sendable {
    /// How the offset from UTC is written.
    package enum Form: Hashable, Sendable {
        /// `2026-11-22T08:28:19.265359`, as Salt 3006 and 3007 do.
        case naive

        /// `2026-11-22T08:28:19.265359+00:00`, as Salt 3008 does.
        case offset
    }

    /// The text; microseconds vanish from it when they are 0, as in Python's `isoformat`.
    package let text: String

    /// The key and value that end an event's map.
    let entry: [UInt8]

    /// - Parameters:
    ///   - microseconds: Wall-clock time in microseconds since 1970, UTC.
    ///   - form: How the offset is written.
    package init(microseconds: Int64, form: Form) {
        var (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + 1_000_000) }
        var (days, clock) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if clock < 0 { (days, clock) = (days - 1, clock + 86_400) }
        let date = CivilDate(daysSince1970: days)

        var digits = Digits()
        digits.append(date.year, width: 4)
        digits.append(date.month, width: 2, after: "-")
        digits.append(date.day, width: 2, after: "-")
        digits.append(clock / 3600, width: 2, after: "T")
        digits.append(clock / 60 % 60, width: 2, after: ":")
        digits.append(clock % 60, width: 2, after: ":")
        if fraction != 0 { digits.append(fraction, width: 6, after: ".") }
        text = digits.text + (form == .offset ? "+00:00" : "")

        var encoder = MessagePackEncoder()
        encoder.string("_stamp")
        encoder.string(text)
        entry = encoder.bytes
    }
}

/// Text made of numbers padded with zeros.
private struct Digits {
    var text = ""

    mutating func append(_ number: Int64, width: Int, after separator: String = "") {
        let digits = String(number)
        text += separator
        text += String(repeating: "0", count: max(0, width - digits.utf8.count))
        text += digits
    }
}
