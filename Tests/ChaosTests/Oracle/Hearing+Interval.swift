import Foundation
import TestSupport

extension Hearing {
    /// A time in which events could have been missed.
    struct Interval: Sendable, CustomStringConvertible {
        let begins, from, to: Date
        let why: String

        /// The classes in whose gaps there is a part of it missing.
        func uncovered(by gaps: [BusGap]) -> [ObjectClass] {
            ObjectClass.allCases.filter { object in
                !isCovered(by: gaps.filter { $0.classes.contains(object.rawValue) })
            }
        }

        /// Whether gaps that follow on each other cover all of it; for a moment there must be one, too.
        func isCovered(by gaps: [BusGap]) -> Bool {
            var reached: Date?
            for gap in gaps.sorted(by: { $0.from < $1.from }) where gap.to > begins {
                guard gap.from <= (reached ?? from).addingTimeInterval(Judgement.blur) else { break }
                reached = max(reached ?? gap.to, gap.to)
            }
            return (reached ?? .distantPast).addingTimeInterval(Judgement.blur) >= to
        }

        var description: String { "\(why) from \(from.clock) to \(to.clock)" }
    }
}
