internal import DequeModule
internal import Dispatch

/// Plain threads for every libvirt call that may block.
///
/// A call that blocks on a Dispatch queue or in a Task takes others with it: 255 blocked queues stop every queue of the
/// process (measured). Here it costs one thread of its lane, and no longer than its deadline: then the call is asked to
/// abort, and its thread no longer counts. What does not even return from an abort is *written off*; up to
/// ``writeOffLimit`` such threads are tolerated, more than that count against their lane again.
///
/// Threads are made when there is work and end when there is none, so an idle service has none. The queues are bounded
/// by their users: a watcher has at most one open and a few closes outstanding.
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
    }

    /// How many threads of each lane may run at once.
    ///
    /// The default is 64, 16, 32 and 16.
    package static let defaultCaps: [Lane: Int] = [.openFast: 64, .openSlow: 16, .call: 32, .close: 16]

    /// Threads that may be stuck past an abort without counting against their lane: 16 of 1 MiB address space each.
    package static let writeOffLimit = 16

    struct State {
        var lanes: [Lane: LaneState] = [:]
        var writtenOff = 0
    }

    struct LaneState {
        let cap: Int
        var waiting: Deque<Job> = []
        var running = 0
        var expired = 0
    }

    private let state: PosixLock<State>
    private let scheduler: any Scheduler
    private let deadlines = DispatchQueue(label: "aggregator.deadlines")

    package init(caps: [Lane: Int] = BlockingPool.defaultCaps, scheduler: any Scheduler = DispatchScheduler()) {
        let lanes = Lane.allCases.map { ($0, LaneState(cap: max(1, caps[$0] ?? 1))) }
        state = PosixLock(State(lanes: Dictionary(uniqueKeysWithValues: lanes)))
        self.scheduler = scheduler
    }

    /// Runs a call on a thread of a lane as soon as one is free.
    ///
    /// Any thread; returns at once.
    package func submit<Value: Sendable>(_ call: BlockingCall<Value>, lane: Lane) {
        enqueue(Job(call), lane: lane)
    }

    /// What the pool holds at this moment.
    ///
    /// Any thread.
    package var counters: BlockingPoolCounters {
        state.withLock { state in
            BlockingPoolCounters(
                waiting: state.lanes.values.reduce(0) { $0 + $1.waiting.count },
                running: state.lanes.values.reduce(0) { $0 + $1.running },
                writtenOff: state.writtenOff,
                expired: state.lanes.values.reduce(0) { $0 + $1.expired }
            )
        }
    }

    private func enqueue(_ job: Job, lane: Lane) {
        state.withLock { $0.lanes[lane]?.waiting.append(job) }
        startThread(lane)
    }

    /// Starts one more thread for a lane that has work and room.
    private func startThread(_ lane: Lane) {
        let isNeeded = state.withLock { state in
            guard let here = state.lanes[lane], !here.waiting.isEmpty, here.running < here.cap else { return false }
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
                defer { job.phase = .over }
                if job.phase == .writtenOff { state.writtenOff -= 1 }
                return job.phase
            }
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
            guard let job = state.lanes[lane]?.waiting.popFirst() else {
                state.lanes[lane]?.running -= 1
                return nil
            }
            return job
        }
    }

    private func expire(_ job: Job, lane: Lane) {
        let isLate = state.withLock { state in
            guard job.phase == .running else { return false }
            state.lanes[lane]?.expired += 1
            // Calls on live connections starve their own lane at worst; the write-offs are for opens and closes.
            if lane != .call, state.writtenOff < Self.writeOffLimit {
                job.phase = .writtenOff
                state.writtenOff += 1
                state.lanes[lane]?.running -= 1
            } else {
                job.phase = .expired
            }
            return true
        }
        guard isLate else { return }
        job.abort()
        job.expired()
        startThread(lane)
    }
}

/// What a pool holds and has done; a snapshot.
package struct BlockingPoolCounters: Equatable, Sendable {
    /// Calls that wait for a thread.
    package var waiting: Int
    /// Threads at work within their deadline.
    package var running: Int
    /// Threads that are past their deadline and have not returned.
    package var writtenOff: Int
    /// Calls that have ever passed their deadline.
    package var expired: Int
}

extension BlockingPool {
    /// A call with its type erased.
    ///
    /// Sendable because `phase` is read and written only under the pool's lock, and everything else is constant.
    final class Job: @unchecked Sendable {
        enum Phase { case running, expired, writtenOff, over }

        let deadline: Duration
        let perform: @Sendable () -> Outcome
        let abort: @Sendable () -> Void
        let expired: @Sendable () -> Void
        var phase = Phase.running

        struct Outcome {
            let finished: () -> Void
            let late: () -> Void
        }

        init<Value: Sendable>(_ call: BlockingCall<Value>) {
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
