/// The units a number of bytes may be written in.
private let units: [(name: String, bytes: Int)] = [
    ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
]

/// A number of bytes as it is written in settings and tables.
enum ByteCount {
    /// Reads a whole number with its unit: `512MiB`, `2GiB`.
    static func parse(_ text: String) throws(MalformedValue) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard !digits.isEmpty, let number = Int(digits) else {
            throw MalformedValue(
                message: "\(text.quoted) is no number of bytes",
                hint: "write a number and a unit, as in 512MiB"
            )
        }
        guard let factor = units.first(where: { $0.name == unit })?.bytes else {
            throw MalformedValue(
                message: unit.isEmpty ? "\(text.quoted) has no unit" : "\(String(unit).quoted) is no unit of bytes",
                hint: "use one of \(units.map(\.name).joined(separator: ", "))"
            )
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw MalformedValue(message: "\(text.quoted) is too much", hint: "write less") }
        return bytes
    }

    /// In the largest unit of which there is one, with a digit after the point where it is not whole.
    static func text(_ bytes: Int) -> String {
        let unit = units.last { bytes >= $0.bytes } ?? units[0]
        let tenths = Int((Double(bytes) / Double(unit.bytes) * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)\(unit.name)" : "\(tenths / 10).\(tenths % 10)\(unit.name)"
    }
}

extension ValueParser where Value == Int {
    static func bytes(_ range: ClosedRange<Int>) -> ValueParser {
        let hint = "write \(ByteCount.text(range.lowerBound)) to \(ByteCount.text(range.upperBound))"
        return ValueParser(kind: "a number of bytes", hint: hint) { text throws(MalformedValue) in
            let bytes = try ByteCount.parse(text)
            guard range.contains(bytes) else {
                throw MalformedValue(message: "\(text.quoted) is out of range", hint: hint)
            }
            return bytes
        }
    }
}
