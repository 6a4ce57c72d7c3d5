internal import Connections
internal import SaltBus
internal import Spool
internal import Synchronization

/// Turns what the watchers say, and what the service says of itself, into records, and hands them to the journal.
///
/// The only place that knows both a host event and a Salt event. Any thread; nothing here blocks.
final class Relay: Sendable {
    /// 64 random bits, drawn at each start: the first part of every `relay.id`.
    let instance: String
    private let journal: Journal
    private let tags: Mutex<Tags>
    private let sequence = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - instance: Sixteen hexadecimal digits.
    ///   - tagPrefix: That of the service's own events.
    ///   - journal: Where records go.
    /// - Throws: ``Tag/Malformed`` for a prefix that the inventory should not have let through.
    init(instance: String, tagPrefix: String, journal: Journal) throws(Tag.Malformed) {
        self.instance = instance
        self.journal = journal
        tags = Mutex(try Tags(prefix: tagPrefix))
    }

    /// The tags of what the service says of itself.
    struct Tags: Sendable {
        fileprivate let started, reloaded, dropped, stopped: Tag

        /// - Throws: ``Tag/Malformed`` for a prefix that the inventory should not have let through.
        init(prefix: String) throws(Tag.Malformed) {
            started = try Tag("\(prefix)/aggregator/started")
            reloaded = try Tag("\(prefix)/aggregator/reloaded")
            dropped = try Tag("\(prefix)/aggregator/dropped")
            stopped = try Tag("\(prefix)/aggregator/stopped")
        }
    }

    /// Gives what the service says of itself other tags.
    func change(_ new: Tags) {
        tags.withLock { $0 = new }
    }

    /// Takes a host's reports, in order.
    ///
    /// - Parameters:
    ///   - reports: As its watcher gave them.
    ///   - channel: The host's.
    ///   - inFlight: Hears what becomes of the events, and gets their places back once they are in the journal.
    func accept(_ reports: [HostReport], through channel: HostChannel, inFlight: InFlight) {
        var (accepted, filtered) = (0, 0)
        let entries = reports.map { report in
            var entry = JournalEntry(record: channel.record(of: report))
            entry.changes = report.changes.map { SpoolChange($0, host: report.host) }
            entry.origin = JournalEntry.Origin(host: report.host, since: report.since)
            if case .event(let event) = report.body {
                // What is derived was never a callback, and holds no place.
                entry.isMadeUp = report.synthetic != nil
                guard !entry.isMadeUp else { return entry }
                entry.places = event.places
                if entry.record == nil { filtered += 1 } else { accepted += 1 }
            }
            return entry
        }
        inFlight.account(accepted: accepted, filtered: filtered)
        journal.take(entries, of: inFlight)
    }

    /// Keeps what has become different of a host that has no watcher.
    func keep(_ changes: [StateChange], of host: String) {
        guard !changes.isEmpty else { return }
        journal.take([JournalEntry(record: nil, changes: changes.map { SpoolChange($0, host: host) })])
    }

    func announceStarted(hosts: Int, at moment: Timestamp) {
        announce(.started(hosts: hosts), tag: tags.withLock(\.started), at: moment)
    }

    func announceReloaded(_ difference: ReloadDifference, trigger: ReloadTrigger, at moment: Timestamp) {
        announce(.reloaded(difference, trigger: trigger), tag: tags.withLock(\.reloaded), at: moment)
    }

    func announceDropped(_ drops: Drops, at moment: Timestamp) {
        announce(.dropped(drops), tag: tags.withLock(\.dropped), at: moment)
    }

    func announceStopped(hosts: Int, ledger: Ledger, at moment: Timestamp) {
        announce(.stopped(hosts: hosts, ledger: ledger), tag: tags.withLock(\.stopped), at: moment)
    }

    private func announce(_ own: OwnEvent, tag: Tag, at moment: Timestamp) {
        let number = sequence.add(1, ordering: .relaxed).newValue
        let unstamped = own.unstamped(tag: tag, instance: instance, number: number, at: moment)
        let record = SpoolRecord(
            time: moment.microseconds,
            host: "",
            object: "aggregator",
            kind: own.name.rawValue,
            subject: "",
            bytes: unstamped.bytes
        )
        journal.take([JournalEntry(record: record)])
    }
}

extension HostReport {
    /// When what it tells began.
    fileprivate var since: Timestamp {
        // A gap that is not told is one that is still to be told, from its beginning.
        if case .gap(let gap) = body { min(gap.from, observed) } else { observed }
    }
}
