/// How many events a second the master is given.
enum BusBudget: Equatable, Sendable {
    /// As many as it passes on without delay.
    case auto

    /// This many, whatever it does with them.
    case rate(Int)

    /// As many as there are.
    case off

    /// The budget of a bus that gives no echo: auto has nothing to follow, and keeps to what every master takes.
    var withoutEchoes: BusBudget { self == .auto ? .rate(1_000) : self }

    /// Far above what any master takes.
    static let range = 1...1_000_000
}

extension ValueParser where Value == BusBudget {
    static let budget: ValueParser = {
        let bounds = "from \(BusBudget.range.lowerBound) to \(BusBudget.range.upperBound)"
        let hint = "write auto, off, or events per second \(bounds)"
        return ValueParser(kind: "auto, off or a number", hint: hint) { text throws(MalformedValue) in
            switch text {
            case "auto": return .auto
            case "off": return .off
            default:
                guard let rate = Int(text) else {
                    throw MalformedValue(message: "\(text.quoted) is no budget", hint: hint)
                }
                guard BusBudget.range.contains(rate) else {
                    throw MalformedValue(message: "\(rate) is out of range", hint: hint)
                }
                return .rate(rate)
            }
        }
    }()
}
