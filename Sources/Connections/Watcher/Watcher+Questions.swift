/// What a host is asked about itself on each connection; none of it is worth a host that is not heard.
extension Watcher {
    /// How long a question is left out that has ended one connection after another.
    private static let rest = Duration.seconds(3_600)

    /// Asks how long the host has been up, which tells a boot from a daemon that was away.
    ///
    /// First of all, so that gaps are told with it; see ``askForUUID()`` for when it hangs.
    func askForUptime() {
        guard !isResting(.uptime) else { return }
        call(.uptime, { $0.uptime() }) { watcher, uptime in
            if let uptime {
                let new = HostUptime(uptime: uptime, at: watcher.environment.scheduler.now)
                watcher.evidence.hasBooted = watcher.uptime.map { new.hasBooted(since: $0) } ?? false
                watcher.uptime = new
            }
            watcher.tellGaps()
        }
    }

    /// Asks the hypervisor who it is, without making anybody wait for it: events that come before the answer go without.
    ///
    /// It has to look at its emulators for that, and one of them may lie on a dead file server. So a question that has ended
    /// a connection comes after the listings on the next, and not on every one when it ends that, too.
    func askForUUID() {
        guard !isResting(.identity) else { return }
        call(.identity, { $0.hostUUID() }) { watcher, uuid in
            watcher.hostUUID = uuid
            watcher.current.hostUUID = uuid
            if let uuid { watcher.met(uuid) }
            watcher.publish()
        }
    }

    private func met(_ uuid: String) {
        if let knownUUID, knownUUID != uuid {
            stranger.suspect(Self.order.filter { plans[$0]?.isListed != true })
        }
        knownUUID = uuid
    }

    /// Who the host is goes to the next life once nothing is left of who it was.
    func noteCompared() {
        let isOpen = stranger.suspected.contains { state.hasAny(of: $0) }
        if !isOpen { current.comparedUUID = knownUUID }
    }

    /// Lets go of what is known of a class when a listing shows that it is another hypervisor's: there it may go on as it
    /// was, and the listing is a baseline.
    ///
    /// - Parameter moving: Objects that the listing does not settle.
    func forgetStranger(_ object: EventKind.Object, _ listing: [ListedObject], except moving: Set<ObjectKey>) {
        let heard = moving.union(stranger.heard(of: object))
        let known = state.keys(of: object).subtracting(heard)
        guard stranger.isFound(in: object, known: known, listed: Set(listing.map(\.key))) else { return }
        tell(state.forget(object, except: heard, at: environment.now()))
        untold.forget(object)
        gaps.hasChanged(object)
    }

    /// A call has ended a connection; a question that does so again is left out for a while.
    func callHung(_ call: HostCall) {
        guard [.identity, .uptime].contains(call), probing.strikes(of: call) > 1 else { return }
        rests[call] = environment.scheduler.now + Self.rest
    }

    private func isResting(_ call: HostCall) -> Bool {
        rests[call].map { environment.scheduler.now < $0 } ?? false
    }
}
