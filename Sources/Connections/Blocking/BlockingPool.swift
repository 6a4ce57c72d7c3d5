internal import Dispatch

/// Plain threads for every libvirt call that may block.
///
/// A call that blocks on a Dispatch queue or in a Task takes others with it: 255 blocked queues stop every queue of the
/// process (measured). Here it costs one thread of its lane, and no longer than its deadline: then the call is asked to
/// abort, and its thread no longer counts. What does not even return from an abort is *written off*; up to
/// ``writeOffLimit`` such threads are tolerated, more than that count against their lane again. A call on a live
/// connection cannot be aborted without the connection, and a frozen host keeps it for as long as keepalive or the probe
/// lets it: where others wait, one that takes longer than a second goes on beside its lane, up to ``slowCallLimit`` of
/// them, so that who answers never waits for who does not.
///
/// Threads are made when there is work and end when there is none, so an idle service has none. Calls wait in the order
/// they came, those of hosts that nothing bad is known of first, and only so many of one group run at once; see
/// ``Admission``. The queues are bounded by their users: a watcher has at most one open, one call and a few closes
/// outstanding, and a name is asked for once at a time. So are the threads: the lanes' caps and the two limits, 1,172 in
/// all by default.
package final class BlockingPool: Sendable {
    /// Calls of one kind, so that slow ones of one kind never delay another kind.
    package enum Lane: String, CaseIterable, Sendable {
        /// First attempts to open, with a short deadline.
        case openFast = "open-fast"
        /// Attempts that were too slow for the fast lane.
        case openSlow = "open-slow"
        /// Short calls on live connections.
        case call
        case close
        /// The system's look-ups of names, which nothing can end.
        case name
        /// What makes calls of the other lanes return; short, but it may touch the disk.
        case abort
    }

    /// How many threads of each lane may run at once.
    ///
    /// The default is 64, 16, 32, 16, 512 and 4: with their name server hundreds of hosts may go at one moment, and whose
    /// name is known without it must not wait for them.
    package static let defaultCaps: [Lane: Int] = [
        .openFast: 64, .openSlow: 16, .call: 32, .close: 16, .name: 512, .abort: 4,
    ]

    /// How long a call that was asked to abort may take before it is asked again.
    private static let patience = Duration.seconds(1)

    /// How long a call on a live connection keeps its place in the lane when others wait for one.
    private static let usualCall = Duration.seconds(1)

    /// Threads that may be stuck past an abort without counting against their lane: 16 of 1 MiB address space each.
    package static let writeOffLimit = 16

    /// Threads at calls on live connections that take long, without counting against their lane: a host has at most one
    /// call outstanding, so that is how many hosts may freeze at one moment before others' calls have to wait for keepalive.
    package static let slowCallLimit = 512

    /// How many calls of one group may run at once.
    ///
    /// The default is 8: OpenSSH's sshd begins to turn away what has not logged in at 10.
    package static let defaultGroupCap = 8

    private let state: PosixLock<State>
    private let scheduler: any Scheduler
    private let deadlines = DispatchQueue(label: "aggregator.deadlines")

    /// - Parameters:
    ///   - caps: Threads of each lane.
    ///   - slowCalls: How many calls that take long may go on beside their lane; with 0 its cap always holds. The default
    ///     is ``slowCallLimit``.
    package init(
        caps: [Lane: Int] = BlockingPool.defaultCaps,
        groupCap: Int = BlockingPool.defaultGroupCap,
        slowCalls: Int = BlockingPool.slowCallLimit,
        scheduler: any Scheduler = DispatchScheduler()
    ) {
        let lanes = Lane.allCases.map { ($0, LaneState(cap: max(1, caps[$0] ?? Self.defaultCaps[$0] ?? 1))) }
        state = PosixLock(
            State(
                lanes: Dictionary(uniqueKeysWithValues: lanes),
                groupCap: max(1, groupCap),
                slowCalls: slowCalls
            )
        )
        self.scheduler = scheduler
    }

    /// Runs a call on a thread of a lane as soon as one is free.
    ///
    /// Any thread; returns at once.
    ///
    /// - Returns: What the call can be ended by before its deadline.
    @discardableResult
    package func submit<Value: Sendable>(
        _ call: BlockingCall<Value>,
        lane: Lane,
        admission: Admission = Admission()
    ) -> BlockingTicket {
        let job = Job(call, lane: lane, admission: admission)
        let timer = admission.patience.map { patience in
            scheduler.schedule(after: patience, on: deadlines) { if self.withdraw(job) { call.unserved() } }
        }
        state.withLock { state in
            job.timer = timer
            state.lanes[lane]?.append(job)
        }
        startThread(lane)
        if lane == .call { makeRoom() }
        return BlockingTicket { self.end(job) }
    }

    /// Takes a call back, or asks it to abort if a thread has taken it.
    ///
    /// - Returns: Whether it was taken back; then nothing of it will be called.
    private func end(_ job: Job) -> Bool {
        let isWithdrawn = withdraw(job)
        if !isWithdrawn { press(job) }
        return isWithdrawn
    }

    private func withdraw(_ job: Job) -> Bool {
        state.withLock { state in
            guard state.lanes[job.lane]?.withdraw(job) == true else { return false }
            // Whoever takes it back once more finds nothing to press.
            job.phase = .over
            job.timer?.cancel()
            job.timer = nil
            return true
        }
    }

    /// Asks a call to abort, on a thread of its own lane: that may touch the disk, and is not asked for again meanwhile.
    private func abort(_ job: Job) {
        guard let body = job.abort else { return }
        let isAsked = state.withLock { _ in
            defer { job.isAborting = true }
            return job.isAborting
        }
        guard !isAsked else { return }
        let done: @Sendable () -> Void = { self.state.withLock { _ in job.isAborting = false } }
        submit(BlockingCall<Void>(deadline: .seconds(5), body: body, finished: done, late: done), lane: .abort)
    }

    /// Asks a call to abort, again and again until it returns: it may have been where it could not be reached.
    private func press(_ job: Job) {
        guard job.abort != nil else { return }
        let timer = scheduler.schedule(after: Self.patience, on: deadlines) { self.press(job) }
        let (isOver, former) = state.withLock { state in
            let isOver = job.phase == .over
            defer { job.press = isOver ? nil : timer }
            return (isOver, job.press)
        }
        former?.cancel()
        if isOver { timer.cancel() } else { abort(job) }
    }

    /// What the pool holds at this moment.
    ///
    /// Any thread.
    package var counters: BlockingPoolCounters {
        state.withLock { state in
            let now = scheduler.now
            return BlockingPoolCounters(
                waiting: state.lanes.values.reduce(0) { $0 + $1.waiting.reduce(0) { $0 + $1.count } },
                running: state.lanes.values.reduce(0) { $0 + $1.running },
                slow: state.slow,
                writtenOff: state.writtenOff,
                stuck: state.overdue.values.map { job in
                    StuckCall(host: job.admission.host, lane: job.lane, age: now - (job.began ?? now))
                }
                .sorted { $0.age > $1.age },
                expired: state.lanes.values.reduce(0) { $0 + $1.expired }
            )
        }
    }

    /// Starts one more thread for a lane that has work and room.
    private func startThread(_ lane: Lane) {
        let isNeeded = state.withLock { state in
            guard state.needsThread(lane) else { return false }
            state.lanes[lane]?.running += 1
            return true
        }
        guard isNeeded else { return }
        do {
            try PlainThread.start(name: "virt-\(lane.rawValue)") { self.work(lane) }
        } catch {
            // The system has no thread to give just now. The work stays queued; the next look is a second away.
            state.withLock { $0.lanes[lane]?.running -= 1 }
            _ = scheduler.schedule(after: .seconds(1), on: deadlines) { self.startThread(lane) }
        }
    }

    /// A thread's life: one job after the other while there are any.
    private func work(_ lane: Lane) {
        while let job = take(lane) {
            watch(job)
            let outcome = job.perform()
            let (isLate, isApart) = state.withLock { state in (state.settle(job), job.isApart) }
            goOn(after: job)
            if isLate { outcome.late() } else { outcome.finished() }
            guard isApart else { continue }
            // Its place in the lane has been taken by another thread; there may be room for another slow call.
            if lane == .call { makeRoom() }
            return
        }
    }

    /// Looks at a call at its deadline, and at those it leaves waiting.
    private func watch(_ job: Job) {
        let timer = scheduler.schedule(after: job.deadline, on: deadlines) { self.expire(job) }
        state.withLock { _ in job.timer = timer }
        if job.lane == .call { makeRoom() }
    }

    /// Lets calls on live connections that take long go on beside their lane, for the sake of those that wait for a thread;
    /// looks again when the next one has taken long.
    private func makeRoom() {
        let (freed, delay) = state.withLock { state in
            let (freed, delay) = state.makeRoom(at: scheduler.now, after: Self.usualCall)
            guard delay != nil, !state.isLookPlanned else { return (freed, Duration?.none) }
            state.isLookPlanned = true
            return (freed, delay)
        }
        for _ in 0..<freed { startThread(.call) }
        guard let delay else { return }
        _ = scheduler.schedule(after: delay, on: deadlines) {
            self.state.withLock { $0.isLookPlanned = false }
            self.makeRoom()
        }
    }

    private func take(_ lane: Lane) -> Job? {
        state.withLock { state in
            guard let job = state.take(lane) else {
                state.lanes[lane]?.running -= 1
                return nil
            }
            job.began = scheduler.now
            job.timer?.cancel()
            job.timer = nil
            if lane == .call { state.calls[ObjectIdentifier(job)] = job }
            return job
        }
    }

    /// A place in a group has become free, and who waits for it may be in another lane.
    private func goOn(after job: Job) {
        guard job.admission.group != nil else { return }
        for lane in Lane.allCases { startThread(lane) }
    }

    private func expire(_ job: Job) {
        let isLate = state.withLock { state in
            guard job.phase == .running else { return false }
            job.phase = .expired
            state.lanes[job.lane]?.expired += 1
            state.overdue[ObjectIdentifier(job)] = job
            _ = state.setApart(job)
            return true
        }
        guard isLate else { return }
        job.expired()
        press(job)
        startThread(job.lane)
        goOn(after: job)
    }
}
