internal import Connections
internal import Dispatch
internal import Logging
internal import Spool

/// What had to go before it was sent, and having it told anew.
extension Upkeep {
    struct MakingUp: Sendable {
        var watch = GivenUpWatch()
        var dead = DeadWatch()
        var retelling = Retelling()

        /// See ``Spool/begunAnew``.
        var begunAnew = 0

        /// See ``Spool/returns``.
        var returns = 0

        /// Whether the spool could not be read or written, which has been said then.
        var isFailing = false
    }

    /// Has everything told anew when the database was begun anew without all that waited in the former one, or that it knew.
    func beginAnew(_ hearing: inout Hearing, _ making: inout MakingUp, on queue: DispatchQueue) async {
        let count = spool.begunAnew
        guard count != making.begunAnew else { return }
        let noted = hearing.watch.noted
        let found = await blocking(&making, on: queue) { () throws(SpoolError) in
            try spool.giveUp(noted)
            return try spool.givenUp()
        }
        guard let found else { return }
        making.begunAnew = count
        hearing.watch.beginAnew()
        await resync(Dictionary(found.map { ($0.host, Lost($0)) }) { $1 })
        making.retelling.began(found.map(\.note))
    }

    /// Has told anew what had to go before it was sent, once the bus has caught up.
    func makeUp(_ making: inout MakingUp, on queue: DispatchQueue) async {
        // Before it is looked what is gone: a loss that it counts already would be taken for an earlier one. And after it:
        // a loss that is found may be counted only then.
        let before = await ledger().dropped.room
        let returns = spool.returns
        let notes = await blocking(&making, on: queue) { () throws(SpoolError) in try spool.givenUpNotes() }
        guard let found = notes else { return }
        let dead = found.isEmpty ? [:] : await dead()
        let now = scheduler.now
        let sorted = making.dead.sort(making.retelling.new(among: found), dead: dead, at: now)
        let (due, new) = (sorted.due, sorted.others)
        let after = await ledger()
        let (dropped, waiting) = (after.dropped.room, after.waiting)
        var done: [GivenUp.Note] = []
        // What had to go for the way back was counted, perhaps, before it could be found here.
        if spool.returns != making.returns { making.watch = GivenUpWatch() }
        making.returns = returns
        var watch = making.watch
        var hosts = Set((waiting <= GivenUpWatch.fewWaiting ? due : []).map(\.host))
        switch watch.look(isFound: !new.isEmpty, before: before, dropped: dropped, waiting: waiting) {
        case .wait: break
        case .resync: hosts.formUnion(new.map(\.host))
        case .nothingLost: done = making.retelling.lostNothing(new)
        }
        if !hosts.isEmpty {
            // It may be more by now. What cannot be read is as if it had not been looked at.
            let whole = await blocking(&making, on: queue) { [hosts] () throws(SpoolError) in
                try spool.givenUp(of: hosts)
            }
            guard let whole else { return }
            await resync(Dictionary(whole.map { ($0.host, Lost($0)) }) { $1 })
            making.retelling.began(whole.map(\.note))
            making.dead.began(due.filter { hosts.contains($0.host) }, dead: dead, at: now)
        }
        making.watch = watch
        if !making.retelling.isEmpty {
            let untold = await untold()
            done += making.retelling.look(untold: untold, mark: journal.mark(), losses: journal.losses(before:))
        }
        guard !done.isEmpty else { return }
        _ = await blocking(&making, on: queue) { [done] () throws(SpoolError) in try spool.settle(done) }
    }

    private func blocking<Value: Sendable>(
        _ making: inout MakingUp,
        on queue: DispatchQueue,
        _ body: @escaping @Sendable () throws(SpoolError) -> Value
    ) async -> Value? {
        let outcome: Result<Value, SpoolError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result { () throws(SpoolError) in try body() }) }
        }
        switch outcome {
        case .success(let value):
            making.isFailing = false
            return value
        case .failure(let error):
            if !making.isFailing {
                logger.error("Cannot look at what was given up", metadata: [LogKeys.error: "\(error)"])
            }
            making.isFailing = true
            return nil
        }
    }
}
