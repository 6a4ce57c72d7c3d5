/// A point in what the journal is given; see ``Journal/mark()``.
struct JournalMark: Hashable, Sendable {
    /// The first section behind it.
    fileprivate let section: Int

    /// When it was set.
    let moment: Duration
}

/// How much of what came before which mark is still under way.
///
/// Hosts that have much wait apart, so what came first is not what is committed first.
struct JournalSections: Sendable {
    private var current = 0
    private var underWay: [Int: Int] = [:]

    /// Something was taken in.
    ///
    /// - Returns: Where it belongs.
    mutating func enter() -> Int {
        underWay[current, default: 0] += 1
        return current
    }

    /// It is committed, or given up.
    mutating func leave(_ section: Int) {
        let left = underWay[section, default: 0] - 1
        underWay[section] = left > 0 ? left : nil
    }

    mutating func mark(at now: Duration) -> JournalMark {
        if underWay[current] != nil { current += 1 }
        return JournalMark(section: current, moment: now)
    }

    /// Whether nothing that came before it is under way any more.
    func hasPassed(_ mark: JournalMark) -> Bool {
        underWay.keys.allSatisfy { $0 >= mark.section }
    }
}
