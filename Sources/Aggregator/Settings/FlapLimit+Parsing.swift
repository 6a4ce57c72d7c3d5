internal import Connections

extension FlapLimit {
    fileprivate static let counts = 2...1_000
    fileprivate static let spans = Duration.seconds(1)...(.seconds(86_400))
}

extension ValueParser where Value == FlapLimit {
    /// A number of ups and downs in a time: `6 per 10m`.
    static let flapLimit: ValueParser = {
        let counts = "\(FlapLimit.counts.lowerBound) to \(FlapLimit.counts.upperBound)"
        let spans = "\(FlapLimit.spans.lowerBound.text) to \(FlapLimit.spans.upperBound.text)"
        let hint = "write a number and a time, as in 6 per 10m: from \(counts), per \(spans)"
        return ValueParser(kind: "a number per time", hint: hint) { text throws(MalformedValue) in
            let words = text.split(separator: " ")
            guard words.count == 3, words[1] == "per", let count = Int(words[0]) else {
                throw MalformedValue(message: "\(text.quoted) is no limit", hint: hint)
            }
            let limit = FlapLimit(count: count, within: try Duration(text: String(words[2])))
            guard FlapLimit.counts.contains(limit.count), FlapLimit.spans.contains(limit.within) else {
                throw MalformedValue(message: "\(text.quoted) is out of range", hint: hint)
            }
            return limit
        }
    }()
}
