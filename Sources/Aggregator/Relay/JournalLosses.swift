internal import Connections
internal import Spool

extension Lost {
    /// How many objects are remembered that there still may be, some 30 KiB of each host; beyond that it is all of them.
    static let objectLimit = 256

    /// Both; the other one is the later.
    func and(_ other: Lost) -> Lost {
        var both = self
        both.from = min(from, other.from)
        both.isEverything = isEverything || other.isEverything
        for object in other.objects { both.add(object, isThere: false) }
        return both
    }

    /// What was dropped with an entry, too.
    fileprivate mutating func add(_ entry: JournalEntry, since moment: Timestamp) {
        from = min(from, moment)
        for change in entry.changes {
            if let object = Object(change.object, change.key, name: entry.record?.subject ?? change.name) {
                add(object, isThere: change.exists)
            } else {
                // What is said of a class, or of the host as a whole, is said of everything in it.
                isEverything = true
            }
        }
        // While nothing is told of its class an event changes nothing, and may be an end all the same.
        guard let record = entry.record, entry.changes.isEmpty else { return }
        guard let object = Object(record.object, record.key, name: record.subject) else { return }
        add(object, isThere: false)
    }

    /// - Parameter isThere: Whether it is found by itself when everything is told anew.
    mutating func add(_ object: Object, isThere: Bool) {
        if objects.contains(object) || objects.count < (isThere ? Self.objectLimit : GivenUp.objectLimit) {
            objects.merge(object)
        } else {
            isEverything = true
        }
    }
}

/// Every host's losses, and when to hand them on.
///
/// A value without a clock. Bounded by the hosts there ever were, ``Lost/objectLimit`` and ``GivenUp/objectLimit``.
struct JournalLosses: Sendable {
    /// How long nothing must have been lost before what was is put right: that makes records, too.
    static let quiet = Duration.seconds(1)

    /// After this long it is tried all the same: nothing else may come that shows that there is room.
    ///
    /// Twice as long each time that there was none: what is told anew is lost, too, and is told anew again.
    static let patience = Duration.seconds(10)
    static let longestPatience = Duration.seconds(300)

    /// After this long whoever was to put it right knows of it.
    static let handingOn = Duration.seconds(10)

    private var byHost: [String: Lost] = [:]

    /// When something of a host was last lost, or handed on.
    private var latest: [String: Duration] = [:]

    /// Hosts of which what was told anew was lost for want of memory, and the same from when it was handed on again until
    /// when nothing more is: told anew at once each time, it would take others' room for ever.
    private var wasted: Set<String> = []
    private var resting: [String: (wait: Duration, end: Duration)] = [:]
    private var first: Duration?
    private var last: Duration = .zero

    /// Whether the last batch found no room.
    private var isRefusing = false
    private var patience = Self.patience

    var isEmpty: Bool { byHost.isEmpty }

    /// An entry is given up.
    mutating func add(_ entry: JournalEntry, at now: Duration) {
        guard let origin = entry.origin else { return }
        if first == nil { first = now }
        last = now
        latest[origin.host] = now
        byHost[origin.host, default: Lost(from: origin.since)].add(entry, since: origin.since)
    }

    /// It was told anew, and more than there is memory for.
    mutating func isWasted(_ entry: JournalEntry) {
        if let origin = entry.origin { wasted.insert(origin.host) }
    }

    mutating func refused() {
        isRefusing = true
    }

    mutating func committed() {
        isRefusing = false
        patience = Self.patience
    }

    /// The hosts of which something was lost, or handed on, at that time or later, or waits.
    func hosts(since moment: Duration) -> Set<String> {
        Set(byHost.keys).union(latest.lazy.filter { $0.value >= moment }.map(\.key))
    }

    /// Takes what is to be put right now.
    ///
    /// - Parameter hasRoom: Whether much of what may wait for the disk is free.
    mutating func due(at now: Duration, hasRoom: Bool) -> [String: Lost] {
        guard let first else { return [:] }
        let isQuiet = now - last >= Self.quiet && hasRoom && !isRefusing
        guard isQuiet || now - first >= patience else { return [:] }
        if isRefusing { patience = min(patience * 2, Self.longestPatience) }
        let due = byHost.filter { now >= resting[$0.key]?.end ?? now }
        for host in due.keys {
            byHost[host] = nil
            latest[host] = now
            let wait = min((resting[host]?.wait ?? Self.quiet) * 2, Self.longestPatience)
            resting[host] = wasted.remove(host) == nil ? nil : (wait, now + wait)
        }
        self.first = byHost.isEmpty ? nil : now
        return due
    }
}
