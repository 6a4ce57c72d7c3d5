extension HostPattern {
    /// What stands between two commas of a bracket: `01-40`, `a-f`, or one number or letter.
    struct Span: Equatable, Sendable {
        /// The largest numbers that fit everywhere; no rack has that many hosts.
        private static let digitLimit = 18

        private static let hint = "write numbers or letters, as in [01-40], [a-f] or [01-04,09]"

        /// Numbers, or the codes of ASCII letters.
        private let values: ClosedRange<Int>
        private let isLetters: Bool

        /// How many digits leading zeros fill up to; 0 without leading zeros.
        private let width: Int

        var count: Int { values.count }

        var words: [String] {
            values.map { value in
                if isLetters { return String(Character(Unicode.Scalar(UInt8(value)))) }
                let digits = String(value)
                return String(repeating: "0", count: max(0, width - digits.count)) + digits
            }
        }

        init(_ text: Substring) throws(MalformedValue) {
            let sides = text.split(separator: "-", omittingEmptySubsequences: false)
            guard let lower = sides.first, let upper = sides.last, sides.count <= 2 else {
                throw Self.malformed("'[\(text)]' is no range", hint: Self.hint)
            }
            let bounds: (lower: Int, upper: Int)
            if let first = Self.letter(lower), let last = Self.letter(upper), first.isUppercase == last.isUppercase,
                let low = first.asciiValue, let high = last.asciiValue
            {
                bounds = (Int(low), Int(high))
                (isLetters, width) = (true, 0)
            } else {
                bounds = (try Self.number(lower, in: text), try Self.number(upper, in: text))
                let isFilled = [lower, upper].contains { $0.count > 1 && $0.first == "0" }
                (isLetters, width) = (false, isFilled ? lower.count : 0)
                guard !isFilled || lower.count == upper.count else {
                    let longer = max(lower.count, upper.count)
                    let filled = [lower, upper].map { String(repeating: "0", count: longer - $0.count) + $0 }
                    throw Self.malformed(
                        "the bounds of '[\(text)]' have leading zeros and different lengths",
                        hint: "write [\(filled.joined(separator: "-"))]"
                    )
                }
            }
            guard bounds.lower <= bounds.upper else {
                throw Self.malformed("'[\(text)]' runs backwards", hint: "write [\(upper)-\(lower)]")
            }
            values = bounds.lower...bounds.upper
        }

        private static func letter(_ text: Substring) -> Character? {
            guard text.count == 1, let letter = text.first, letter.isASCII, letter.isLetter else { return nil }
            return letter
        }

        private static func number(_ digits: Substring, in text: Substring) throws(MalformedValue) -> Int {
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
                throw malformed("'[\(text)]' is no range", hint: hint)
            }
            guard digits.count <= digitLimit, let number = Int(digits) else {
                throw malformed("a number of more than \(digitLimit) digits in a range", hint: hint)
            }
            return number
        }

        private static func malformed(_ message: String, hint: String) -> MalformedValue {
            MalformedValue(code: .invalidName, message: message, hint: hint)
        }
    }
}
