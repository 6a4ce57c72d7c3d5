/// The units a duration may be written in.
private let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
]

extension Duration {
    /// Reads a whole number with its unit: `500ms`, `5s`, `2m`, `1h`, `7d`.
    init(text: String) throws(MalformedValue) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard !digits.isEmpty, let number = Int64(digits) else {
            throw MalformedValue(message: "\(text.quoted) is no duration", hint: "write a number and a unit, as in 5s")
        }
        guard !unit.isEmpty else {
            throw MalformedValue(message: "\(text.quoted) has no unit", hint: "write \(number)s for seconds")
        }
        guard let factor = units.first(where: { $0.name == unit })?.milliseconds else {
            throw MalformedValue(
                message: "\(String(unit).quoted) is no unit of time",
                hint: "use one of \(units.map(\.name).joined(separator: ", "))"
            )
        }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else {
            throw MalformedValue(message: "\(text.quoted) is too long", hint: "write a shorter duration")
        }
        self = .milliseconds(milliseconds)
    }

    /// The duration as it is written: in the largest unit that divides it; anything below a millisecond is cut off.
    var text: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        let unit = units.last { milliseconds % $0.milliseconds == 0 && milliseconds >= $0.milliseconds } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

extension ValueParser where Value == Duration {
    /// A duration within bounds, in whole steps.
    ///
    /// The default is a step of 1 ms, which every duration has.
    static func duration(_ range: ClosedRange<Duration>, step: Duration = .milliseconds(1)) -> ValueParser {
        let bounds = "from \(range.lowerBound.text) to \(range.upperBound.text)"
        let hint = step == .milliseconds(1) ? "write a duration \(bounds)" : "write whole seconds \(bounds)"
        return ValueParser(kind: "a duration", hint: hint) { text throws(MalformedValue) in
            let duration = try Duration(text: text)
            guard range.contains(duration) else {
                throw MalformedValue(message: "\(text.quoted) is out of range", hint: hint)
            }
            guard duration / step == (duration / step).rounded() else {
                throw MalformedValue(message: "\(text.quoted) is no whole number of seconds", hint: hint)
            }
            return duration
        }
    }
    /// A duration of something that cannot be switched off, only be made rare.
    static func interval(_ range: ClosedRange<Duration>) -> ValueParser {
        let duration = duration(range)
        return ValueParser(kind: duration.kind, hint: duration.hint) { text throws(MalformedValue) in
            guard text != "off" else {
                throw MalformedValue(
                    message: "\(text.quoted) would let a host go deaf unnoticed",
                    hint: "write a long duration, at most \(range.upperBound.text)"
                )
            }
            return try duration.parse(text)
        }
    }
}
