import Foundation
import TestSupport

/// Whether the events that nobody heard say something: each of them, and all of an object's in a gap together.
struct Derivations: Sendable {
    private struct Place: Hashable {
        let key: ObjectName
        /// The end of the gap.
        let heardFrom: Date?
    }

    private struct Way {
        let before: ObjectFacts?
        var last: BusLife
        var after: ObjectFacts?
        var count = 1
        /// Whether a single step is idle, which is said already.
        var isNoted = false
    }

    /// Gaps that make up for records that were lost: their events lead from whatever was told before, and may say nothing
    /// new.
    private let lossy: [BusGap]
    private var ways: [Place: Way] = [:]
    private var steps: [String] = []

    /// - Parameters:
    ///   - gaps: The host's.
    ///   - losses: What the service says of records of the host that it lost. What makes up for one reaches back to it, and
    ///     may be one with a gap of another cause.
    init(_ gaps: [BusGap], _ losses: [BusLoss] = []) {
        lossy = gaps.filter { gap in
            gap.cause == "dropped" || losses.contains { gap.from <= $0.told && gap.to >= $0.since }
        }
    }

    /// - Parameters:
    ///   - before: What a reader knew of the object until then.
    ///   - after: What it knows of it now.
    mutating func add(_ life: BusLife, _ before: ObjectFacts?, _ after: ObjectFacts?) {
        guard life.isDerived, !isOfLoss(life) else { return }
        let place = Place(key: life.key, heardFrom: life.heardFrom)
        var way = ways[place] ?? Way(before: before, last: life, count: 0)
        // The first of the two that tell a new name says nothing by itself.
        if before == after, life.detail != "renamed" {
            steps.append(Self.line(life))
            way.isNoted = true
        }
        way.last = life
        way.after = after
        way.count += 1
        ways[place] = way
    }

    /// What says nothing.
    var idle: [String] {
        let circles = ways.values.filter { $0.before == $0.after && !$0.isNoted }
        return steps
            + circles.sorted { $0.last.observed < $1.last.observed }.map { way in
                "\(way.count) that end where they began: \(Self.line(way.last))"
            }
    }

    private func isOfLoss(_ life: BusLife) -> Bool {
        guard let end = life.heardFrom else { return false }
        return lossy.contains { gap in
            gap.classes.contains(life.key.object.rawValue) && gap.from <= end && end <= gap.to
        }
    }

    private static func line(_ life: BusLife) -> String {
        "\(life.observed.clock) \(life.key) \(life.name) \(life.event)"
    }
}
