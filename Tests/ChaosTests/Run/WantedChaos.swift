import Foundation

/// What `make chaos` asks for.
struct WantedChaos: Sendable {
    let seed: UInt64
    let numbers: [Int]
    let isLong: Bool
    let lanes: Int
    /// Where the last line goes.
    let report: String

    private static let prefix = "VIRT_AGGREGATOR_CHAOS_"

    static var isAskedFor: Bool { ProcessInfo.processInfo.environment["\(prefix)REPORT"] != nil }

    init(_ environment: [String: String]) throws {
        func number<Number: FixedWidthInteger>(_ name: String, from least: Number = 0, or other: Number) throws
            -> Number
        {
            guard let text = environment[Self.prefix + name], !text.isEmpty else { return other }
            guard let number = Number(text), number >= least else {
                throw NoNumber(name: name, text: text, range: "\(least) to \(Number.max)")
            }
            return number
        }
        report = environment["\(Self.prefix)REPORT"] ?? "/dev/null"
        seed = try number("SEED", or: 0)
        let one = try number("SCHEDULE", or: Int.max)
        numbers = one == .max ? Array(0..<(try number("SCHEDULES", from: 1, or: 20))) : [one]
        isLong = try number("LONG", or: 0) == 1
        lanes = try number("LANES", from: 1, or: 2)
    }

    struct NoNumber: Error, CustomStringConvertible {
        let name: String
        let text: String
        let range: String

        var description: String { "\(name) is '\(text)': give a whole number, \(range)" }
    }
}
