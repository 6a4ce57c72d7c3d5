internal import Connections

/// What is known of the hosts.
extension Supervisor {
    /// A host, and what its watcher is doing.
    struct Entry: Sendable {
        let host: InventoryHost
        var status: WatcherStatus

        /// What should be known of who it is: one sentence each.
        var doubts: [String] = []
    }

    /// What every watcher is doing, by host.
    func snapshot() -> [String: WatcherStatus] {
        watches.mapValues(\.watcher.status)
    }

    /// Every host that is wanted, in the order of their names.
    func entries() -> [Entry] {
        wanted.keys.sorted().compactMap(entry)
    }

    /// A host that is wanted; `nil` for any other.
    func entry(of name: String) -> Entry? {
        guard let channel = wanted[name] else { return nil }
        // What a watcher says is so, by whichever clock it goes.
        let doubts = identities.warnings(of: name)
        if let watch = watches[name] { return Entry(host: channel.host, status: watch.watcher.status, doubts: doubts) }
        // One whose watcher is being replaced is about to be connected to.
        let now = environment.now()
        let pause = book.stored[name].flatMap { $0.isUnderWay(at: now) ? $0 : nil }
        return Entry(host: channel.host, status: WatcherStatus(phase: .connecting, pause: pause), doubts: doubts)
    }

    /// What became of every event before the journal, and each host's that found no place there, since it is watched.
    func counts() -> (all: CallbackCounts, dropped: [String: Int]) {
        var (all, dropped) = (formerCounts, formerDrops)
        for (name, watch) in Array(watches) + leaving.map({ ($0.key, $0.value.watch) }) {
            let counts = watch.watcher.inFlight.counts
            all = all + counts
            dropped[name, default: 0] += counts.dropped
        }
        return (all, dropped)
    }
}
