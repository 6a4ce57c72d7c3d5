internal import Dispatch

/// Plain threads for every libvirt call that may block.
///
/// A call that blocks on a Dispatch queue or in a Task takes others with it: 255 blocked queues stop every queue of the
/// process (measured). Here it costs one thread of its lane, and no longer than its deadline: then the call is asked to
/// abort, and its thread no longer counts. What does not even return from an abort is *written off*; up to
/// ``writeOffLimit`` such threads are tolerated, more than that count against their lane again.
///
/// Threads are made when there is work and end when there is none, so an idle service has none. Calls wait in the order
/// they came, those of hosts that nothing bad is known of first, and only so many of one group run at once; see
/// ``Admission``. The queues are bounded by their users: a watcher has at most one open and a few closes outstanding.
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
        /// What makes calls of the other lanes return; short, but it may touch the disk.
        case abort
    }

    /// How many threads of each lane may run at once.
    ///
    /// The default is 64, 16, 32, 16 and 4.
    package static let defaultCaps: [Lane: Int] = [.openFast: 64, .openSlow: 16, .call: 32, .close: 16, .abort: 4]

    /// How long a call that was asked to abort may take before it is asked again.
    private static let patience = Duration.seconds(1)

    /// Threads that may be stuck past an abort without counting against their lane: 16 of 1 MiB address space each.
    package static let writeOffLimit = 16

    /// How many calls of one group may run at once.
    ///
    /// The default is 8: OpenSSH's sshd begins to turn away what has not logged in at 10.
    package static let defaultGroupCap = 8

    private let state: PosixLock<State>
    private let scheduler: any Scheduler
    private let deadlines = DispatchQueue(label: "aggregator.deadlines")

    package init(
        caps: [Lane: Int] = BlockingPool.defaultCaps,
        groupCap: Int = BlockingPool.defaultGroupCap,
        scheduler: any Scheduler = DispatchScheduler()
    ) {
        let lanes = Lane.allCases.map { ($0, LaneState(cap: max(1, caps[$0] ?? Self.defaultCaps[$0] ?? 1))) }
        state = PosixLock(State(lanes: Dictionary(uniqueKeysWithValues: lanes), groupCap: max(1, groupCap)))
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
        state.withLock { $0.lanes[lane]?.append(job) }
        startThread(lane)
        return BlockingTicket { self.end(job) }
    }

    /// Takes a call back, or asks it to abort if a thread has taken it.
    ///
    /// - Returns: Whether it was taken back; then nothing of it will be called.
    private func end(_ job: Job) -> Bool {
        let isWithdrawn = state.withLock { state in
            guard state.lanes[job.lane]?.withdraw(job) == true else { return false }
            // Whoever takes it back once more finds nothing to press.
            job.phase = .over
            return true
        }
        if !isWithdrawn { press(job) }
        return isWithdrawn
    }

    /// Asks a call to abort, on a thread of its own lane: that may touch the disk.
    private func abort(_ job: Job) {
        submit(BlockingCall<Void>(deadline: .seconds(5), body: job.abort, finished: {}), lane: .abort)
    }

    /// Asks a call to abort, again and again until it returns: it may have been where it could not be reached.
    private func press(_ job: Job) {
        let timer = scheduler.schedule(after: Self.patience, on: deadlines) { self.press(job) }
        let isOver = state.withLock { state in
            let isOver = job.phase == .over
            job.press = isOver ? nil : timer
            return isOver
        }
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
                stuck: state.writtenOff.values.map { job in
                    StuckCall(host: job.admission.host, lane: job.lane, age: now - (job.began ?? now))
                },
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
            let timer = scheduler.schedule(after: job.deadline, on: deadlines) { self.expire(job, lane: lane) }
            let outcome = job.perform()
            timer.cancel()
            let ending = state.withLock { state in
                defer {
                    job.phase = .over
                    job.press?.cancel()
                    job.press = nil
                }
                if job.phase == .writtenOff {
                    state.writtenOff[ObjectIdentifier(job)] = nil
                } else {
                    state.leaveGroup(of: job)
                }
                return job.phase
            }
            goOn(after: job)
            switch ending {
            case .expired, .writtenOff: outcome.late()
            case .running, .over: outcome.finished()
            }
            // A written-off thread's place in the lane has been taken by another.
            if ending == .writtenOff { return }
        }
    }

    private func take(_ lane: Lane) -> Job? {
        state.withLock { state in
            guard let job = state.take(lane) else {
                state.lanes[lane]?.running -= 1
                return nil
            }
            job.began = scheduler.now
            return job
        }
    }

    /// A place in a group has become free, and who waits for it may be in another lane.
    private func goOn(after job: Job) {
        guard job.admission.group != nil else { return }
        for lane in Lane.allCases { startThread(lane) }
    }

    private func expire(_ job: Job, lane: Lane) {
        let isLate = state.withLock { state in
            guard job.phase == .running else { return false }
            state.lanes[lane]?.expired += 1
            // Calls on live connections starve their own lane at worst; the write-offs are for opens and closes.
            if lane != .call, lane != .abort, state.writtenOff.count < Self.writeOffLimit {
                job.phase = .writtenOff
                state.writtenOff[ObjectIdentifier(job)] = job
                state.leaveGroup(of: job)
                state.lanes[lane]?.running -= 1
            } else {
                job.phase = .expired
            }
            return true
        }
        guard isLate else { return }
        job.expired()
        press(job)
        startThread(lane)
        goOn(after: job)
    }
}

/// What a pool holds and has done; a snapshot.
package struct BlockingPoolCounters: Equatable, Sendable {
    /// Calls that wait for a thread.
    package var waiting: Int
    /// Threads at work within their deadline.
    package var running: Int
    /// Threads that are past their deadline and have not returned; at most ``BlockingPool/writeOffLimit``.
    package var stuck: [StuckCall]
    /// Calls that have ever passed their deadline.
    package var expired: Int

    package var writtenOff: Int { stuck.count }
}

extension BlockingPool {
    /// A call with its type erased.
    ///
    /// Sendable because `phase`, `began` and `press` are read and written only under the pool's lock, and everything else
    /// is constant.
    final class Job: @unchecked Sendable {
        enum Phase { case running, expired, writtenOff, over }

        let lane: Lane
        let admission: Admission
        let deadline: Duration
        let perform: @Sendable () -> Outcome
        let abort: @Sendable () -> Void
        let expired: @Sendable () -> Void
        var phase = Phase.running

        /// When a thread took it, by the scheduler's clock; `nil` before.
        var began: Duration?

        /// The next time it is asked to abort, once it is past its deadline.
        var press: (any Scheduled)?

        struct Outcome {
            let finished: () -> Void
            let late: () -> Void
        }

        init<Value: Sendable>(_ call: BlockingCall<Value>, lane: Lane, admission: Admission) {
            self.lane = lane
            self.admission = admission
            deadline = call.deadline
            perform = {
                let value = call.body()
                return Outcome(finished: { call.finished(value) }, late: { call.late(value) })
            }
            abort = call.abort
            expired = call.expired
        }
    }
}
