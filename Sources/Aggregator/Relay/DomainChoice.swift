internal import Connections

/// Which domains' events go out, and what was kept back of the others.
///
/// A reload may want to hear of these, and nobody else would ever tell: their states have been reduced, so no listing
/// differs from them. Bounded like what the journal has lost.
struct DomainChoice: Sendable {
    let patterns: [DomainPattern]

    /// Those whose life went on unheard of.
    private var kept: Lost?

    /// One that has just been told to lose its name.
    private var renamed: ObjectKey?

    init(_ patterns: [DomainPattern]) {
        self.patterns = patterns
    }

    /// Whether events about the domain of this name go out.
    func wants(_ name: String) -> Bool {
        patterns.contains { $0.matches(name) }
    }

    /// Whether an event goes out, and if it does not, what is to be known of that later.
    ///
    /// - Parameter report: The event's.
    mutating func admits(_ event: HostEvent, named name: String, in report: HostReport) -> Bool {
        guard case .lifecycle(let number, let detail) = event.payload else { return wants(name) }
        let key = event.subject.objectKey
        let step = (EventWords.lifecycle(.domain)[number], EventWords.lifecycleDetail(.domain, event: number)[detail])
        // Whoever heard that it loses its name has to hear that it has another one, though nothing after that.
        let isRenamed = renamed == key && step == ("defined", "renamed")
        renamed = nil
        if isRenamed { return true }
        guard wants(name) else {
            let isThere = report.changes.contains { $0.state != nil }
            keep(Lost.Object(.domain, key, name: name), isThere: isThere, since: report.observed)
            return false
        }
        if step == ("undefined", "renamed") { renamed = key }
        return true
    }

    private mutating func keep(_ object: Lost.Object, isThere: Bool, since moment: Timestamp) {
        var all = kept ?? Lost(from: moment)
        all.from = min(all.from, moment)
        all.add(object, isThere: isThere)
        kept = all
    }

    /// Goes on in the place of another choice of the host, of which nothing is taken any more.
    ///
    /// - Returns: What that one had kept back and this one wants; `nil` = nothing.
    mutating func follow(_ former: DomainChoice) -> Lost? {
        guard let kept = former.kept else { return nil }
        let wanted = kept.objects.filter { $0.name.map(wants) ?? true }
        // More than could be remembered by name may be any.
        let isEverything = kept.isEverything && patterns != former.patterns
        var rest = kept
        rest.objects.subtract(wanted)
        rest.isEverything = kept.isEverything && !isEverything
        if !rest.objects.isEmpty || rest.isEverything { self.kept = self.kept.map(rest.and) ?? rest }
        guard isEverything || !wanted.isEmpty else { return nil }
        return Lost(from: kept.from, objects: wanted, isEverything: isEverything)
    }
}
