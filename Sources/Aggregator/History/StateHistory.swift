internal import Connections
internal import Spool

/// Finds out what things were at a time.
///
/// Blocks for a disk access per page.
struct StateHistory {
    let history: SpoolHistory

    /// Told now and then how far a longer part is, from 0 to 1.
    var progress: (Double) -> Void = { _ in }

    /// - Parameters:
    ///   - moment: The time that is meant.
    ///   - selection: Which hosts, objects and domains.
    /// - Throws: ``SpoolError``.
    func report(
        at moment: Timestamp,
        selection: HistorySelection
    ) throws(SpoolError) -> StateReport {
        // Before anything is read: what comes back to the disk meanwhile would be missing.
        let isBehind = history.isBehind
        var rows: [SpoolChange] = []
        var object: Int64 = 0
        while true {
            let page = try history.states(at: moment.microseconds, after: object) { selection.wants(host: $0) }
            rows += page.found
            guard !page.isLast else { break }
            object = page.end
        }
        // A host that is named is answered for, even if nothing was ever heard of it.
        let named = selection.hosts.map(\.text).filter { (try? HostName.check($0)) != nil }
        let hosts = Set(try history.hosts().filter(selection.wants) + named).sorted()
        let classes = Self.classes.filter { selection.objects.isEmpty || selection.objects.contains($0) }
        let horizon = Timestamp(microseconds: try history.span().horizon)
        let before = try ownRecord(before: moment)
        let (next, gaps) = try told(after: before, of: moment, selection)
        return StateReport(
            at: moment,
            rows: rows,
            hosts: hosts,
            classes: classes,
            selection: selection,
            horizon: horizon,
            silence: try silence(at: moment, between: before, and: next, isBehind: isBehind),
            proofs: try proofs(before: moment),
            gaps: gaps.beginnings
        )
    }

    /// The objects that have a state.
    static let classes = EventKind.Object.allCases.map(\.rawValue)

    /// When each host was last heard; where that was later than the time that is meant, it says nothing of it.
    private func proofs(before moment: Timestamp) throws(SpoolError) -> [String: Timestamp] {
        let proofs = try history.hearings().map { ($0.host, Timestamp(microseconds: $0.time)) }
        return Dictionary(proofs.filter { $0.1 <= moment }) { $1 }
    }

    /// When the service had ended, or written for the last time, if it did not run at that time.
    ///
    /// - Parameters:
    ///   - before: Its last beginning or end until then.
    ///   - next: The next one.
    ///   - isBehind: Whether what is heard now is in memory alone: then it looks from here as if it had been killed.
    private func silence(
        at moment: Timestamp,
        between before: KeptEvent?,
        and next: KeptEvent?,
        isBehind: Bool
    ) throws(SpoolError) -> Timestamp? {
        if let before, before.kind == OwnEvent.Name.stopped.rawValue { return Timestamp(microseconds: before.time) }
        // It ran, then. A start that follows, or no service now: it was killed, some time after the last that it wrote.
        if next?.kind == OwnEvent.Name.stopped.rawValue || next == nil && history.isInUse && !isBehind { return nil }
        let end = Timestamp(microseconds: try history.time(before: next?.position ?? .max) ?? 0)
        return end < moment ? end : nil
    }

    /// What was told later: the service's next beginning or end, and what had not been heard at that time.
    private func told(
        after before: KeptEvent?,
        of moment: Timestamp,
        _ wanted: HistorySelection
    ) throws(SpoolError) -> (next: KeptEvent?, gaps: ToldGaps) {
        var selection = SpoolSelection.ownLife
        selection.kinds.insert(ToldGaps.kind)
        selection.host = { $0.isEmpty || wanted.wants(host: $0) }
        selection.since = moment.microseconds
        let start = before?.position ?? 0
        let last = try history.span().last ?? start
        var next: KeptEvent?
        var gaps = ToldGaps(at: moment)
        var position = start
        while true {
            let page = try history.events(selection, after: position)
            for event in page.found {
                if event.object == ToldGaps.kind.object { gaps.add(event) } else if next == nil { next = event }
            }
            guard !page.isLast else { return (next, gaps) }
            position = page.end
            progress(Double(position - start) / Double(max(1, last - start)))
        }
    }

    private func ownRecord(before moment: Timestamp) throws(SpoolError) -> KeptEvent? {
        let span = try history.span()
        guard let last = span.last else { return nil }
        var selection = SpoolSelection.ownLife
        selection.until = moment.microseconds
        let (after, _) = try EventHistory(history: history, selection: selection, progress: progress)
            .start(ofLast: 1, in: span)
        return after < last ? try first(selection, after: after) : nil
    }

    private func first(_ selection: SpoolSelection, after start: Int64) throws(SpoolError) -> KeptEvent? {
        var position = start
        while true {
            let page = try history.events(selection, after: position, withBytes: false)
            if let found = page.found.first { return found }
            guard !page.isLast else { return nil }
            position = page.end
        }
    }
}

extension SpoolSelection {
    /// The service's beginnings and ends.
    fileprivate static var ownLife: SpoolSelection {
        var selection = SpoolSelection()
        let object = OwnEvent.Object.aggregator.rawValue
        selection.kinds = Set(
            [OwnEvent.Name.started, .stopped].map { SpoolSelection.Kind(object: object, kind: $0.rawValue) }
        )
        return selection
    }
}
