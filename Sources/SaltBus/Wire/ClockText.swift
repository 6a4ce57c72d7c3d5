/// A time in UTC as text, `2026-11-22T08:28:19.265359`; microseconds vanish from it when they are 0, as in Python's
/// `isoformat`.
package enum ClockText {
    /// Written in one go: every event has two of these.
    ///
    /// - Parameters:
    ///   - microseconds: Wall-clock time in microseconds since 1970, UTC.
    ///   - tail: What follows, for example `Z`; eight bytes at most.
    package static func text(microseconds: Int64, tail: StaticString) -> String {
        var (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + 1_000_000) }
        var (days, clock) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if clock < 0 { (days, clock) = (days - 1, clock + 86_400) }
        let date = CivilDate(daysSince1970: days)
        return String(unsafeUninitializedCapacity: 64) { buffer in
            var digits = Digits(buffer: buffer)
            digits.append(date.year, width: 4)
            digits.append(date.month, width: 2, after: "-")
            digits.append(date.day, width: 2, after: "-")
            digits.append(clock / 3600, width: 2, after: "T")
            digits.append(clock / 60 % 60, width: 2, after: ":")
            digits.append(clock % 60, width: 2, after: ":")
            if fraction != 0 { digits.append(fraction, width: 6, after: ".") }
            digits.append(tail)
            return digits.count
        }
    }
}

/// Numbers padded with zeros, and what stands between them, in a buffer that holds any time.
private struct Digits {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    mutating func append(_ number: Int64, width: Int, after separator: StaticString = "") {
        append(separator)
        if number < 0 { append("-") }
        var rest = number.magnitude
        var length = 1
        while length < 20, rest >= 10 { (rest, length) = (rest / 10, length + 1) }
        length = max(length, number < 0 ? width - 1 : width)
        rest = number.magnitude
        for index in (count..<count + length).reversed() {
            buffer[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += length
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { utf8 in
            for byte in utf8 {
                buffer[count] = byte
                count += 1
            }
        }
    }
}
