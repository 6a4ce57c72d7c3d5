/// An amount of data as operators write it: `64MiB`, `1GiB`.
struct ByteSize: Hashable, Sendable {
    let bytes: Int

    private static let units = ["B", "KiB", "MiB", "GiB", "TiB"]

    init(bytes: Int) {
        self.bytes = bytes
    }

    /// Reads a whole number with its unit; units are powers of 1024.
    init(text: String) throws(MalformedValue) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard !digits.isEmpty, let number = Int(digits) else {
            throw MalformedValue(message: "\(text.quoted) is no size", hint: "write a number and a unit, as in 64MiB")
        }
        guard let power = Self.units.firstIndex(where: { $0 == unit }) else {
            throw MalformedValue(
                message: unit.isEmpty ? "\(text.quoted) has no unit" : "\(String(unit).quoted) is no unit of size",
                hint: "use one of \(Self.units.joined(separator: ", "))"
            )
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * power))
        guard !overflow else {
            throw MalformedValue(message: "\(text.quoted) is too large", hint: "write a smaller size")
        }
        self.bytes = bytes
    }
}
