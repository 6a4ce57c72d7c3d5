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
    private var underWay: [Int: Int] = [:]

    /// Where what is taken in now belongs.
    private(set) var current = 0

    /// So much was taken in.
    mutating func enter(_ count: Int) {
        if count > 0 { underWay[current, default: 0] += count }
    }

    /// So much of a section is committed, or given up.
    mutating func leave(_ section: Int, _ count: Int) {
        let left = underWay[section, default: 0] - count
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
