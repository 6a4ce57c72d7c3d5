internal import Spool

/// What had to go before it was sent, from when it is told anew until that is as safe as the state that it leads to.
///
/// A watcher alone knows what it has still to tell: that of a host that is away for days as long as that. If the service
/// died meanwhile and nobody knew of it any more, the next one would compare with a state that the bus was never told. A
/// value without a clock.
struct Retelling: Sendable {
    private struct Row: Sendable {
        var note: GivenUp.Note

        /// Set in the journal once the watcher has told everything.
        var mark: JournalMark?
    }

    private var underWay: [String: Row] = [:]

    /// Those that are not being told anew, or not for all that has gone by now.
    func new(among found: [GivenUp.Note]) -> [GivenUp.Note] {
        found.filter { underWay[$0.host]?.note != $0 }
    }

    /// The hosts' watchers know what they have to tell anew.
    mutating func began(_ notes: [GivenUp.Note]) {
        for note in notes { underWay[note.host] = Row(note: note) }
    }

    /// It turned out that these had been sent.
    ///
    /// - Returns: Those of which nothing else is to be told anew either.
    mutating func lostNothing(_ notes: [GivenUp.Note]) -> [GivenUp.Note] {
        notes.filter { note in
            guard underWay[note.host] != nil else { return true }
            underWay[note.host]?.note = note
            return false
        }
    }

    var isEmpty: Bool { underWay.isEmpty }

    /// Looks what has been told and is committed.
    ///
    /// - Parameters:
    ///   - untold: The hosts whose watchers have not told everything.
    ///   - mark: The journal's, set after they were asked.
    ///   - losses: See ``Journal/losses(before:)``. Of such hosts what was told anew may be missing again.
    /// - Returns: What is to be forgotten.
    mutating func look(
        untold: Set<String>,
        mark: JournalMark,
        losses: (JournalMark) -> Set<String>?
    ) -> [GivenUp.Note] {
        var done: [GivenUp.Note] = []
        for (host, row) in underWay {
            guard !untold.contains(host) else {
                underWay[host]?.mark = nil
                continue
            }
            let set = row.mark ?? mark
            underWay[host]?.mark = set
            guard let lost = losses(set) else { continue }
            if lost.contains(host) {
                underWay[host]?.mark = nil
            } else {
                done.append(row.note)
                underWay[host] = nil
            }
        }
        return done
    }
}
