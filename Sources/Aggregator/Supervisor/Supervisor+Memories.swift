internal import Connections
internal import Logging

/// What is to be known in the next life.
extension Supervisor {
    /// When each host that is wanted was last heard, and who it is, or was when its objects were last compared.
    func memories() -> [String: HostMemory] {
        var all: [String: HostMemory] = [:]
        for name in wanted.keys {
            let watch = watches[name] ?? leaving[name]?.watch
            let heard = watch?.watcher.status.heard ?? heard[name]
            let uuid = watch.map(\.watcher.status.comparedUUID) ?? compared[name]
            all[name] = HostMemory(heard: heard ?? LastHeard(), uuid: uuid)
        }
        return all
    }

    /// Looks at who the hosts say they are, and logs what is odd: what is one with another, and what is another than before.
    ///
    /// - Returns: The hypervisors with several names, and the hosts that changed.
    @discardableResult
    func lookAtIdentities() -> (shared: [Identities.Shared], changes: [Identities.Change]) {
        let sightings = watches.compactMap { name, watch in
            wanted[name].flatMap { Identities.Sighting($0.host, watch.watcher.status) }
        }
        for finding in identities.look(at: sightings, now: environment.now()) {
            environment.logger.warning(finding.message, metadata: finding.metadata)
        }
        return (identities.shared, identities.changes.values.sorted { $0.host < $1.host })
    }

    /// The hosts of which something was lost that has not been told anew.
    func untold() -> Set<String> {
        let watched = [watches, leaving.mapValues(\.watch)].flatMap { $0.filter(\.value.watcher.status.isUntold).keys }
        return Set(losses.keys).union(watched)
    }

    /// Something of these hosts was dropped: they are listed anew.
    func resync(_ lost: [String: Lost]) async {
        for (name, lost) in lost where wanted[name] != nil {
            if let watch = watches[name] {
                await watch.watcher.resync(lost: lost)
            } else {
                lose(lost, of: name)
            }
        }
    }

    /// The host's next watcher is to make up for it.
    func lose(_ lost: Lost, of name: String) {
        losses[name] = losses[name].map { $0.and(lost) } ?? lost
    }
}
