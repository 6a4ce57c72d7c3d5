internal import DequeModule

extension BlockingPool {
    /// All that changes, behind the pool's lock.
    struct State {
        var lanes: [Lane: LaneState] = [:]

        /// Calls of each group that run.
        var groups: [String: Int] = [:]
        let groupCap: Int

        /// How many calls that take long may be without a place.
        let slowCalls: Int

        /// Threads that no longer count against their lane: past their deadline, and at calls that take long.
        var writtenOff = 0
        var slow = 0

        /// Calls on live connections whose threads count.
        var calls: [ObjectIdentifier: Job] = [:]

        /// Whether somebody will look for calls that take long.
        var isLookPlanned = false

        /// Calls that are past their deadline and have not returned, whether or not their threads count.
        var overdue: [ObjectIdentifier: Job] = [:]

        /// Takes the first call of a lane that may run now, and its place in its group.
        mutating func take(_ lane: Lane) -> Job? {
            guard let queue = lanes[lane]?.waiting.firstIndex(where: { $0.contains(where: hasRoom) }),
                let place = lanes[lane]?.waiting[queue].firstIndex(where: hasRoom),
                let job = lanes[lane]?.waiting[queue].remove(at: place)
            else { return nil }
            if let group = job.admission.group { groups[group, default: 0] += 1 }
            return job
        }

        /// Whether a lane has a call that may run now, and room for one more thread.
        func needsThread(_ lane: Lane) -> Bool {
            guard let here = lanes[lane], here.running < here.cap else { return false }
            return here.waiting.contains { $0.contains(where: hasRoom) }
        }

        /// Gives a call's place in its lane to another one, if so many may be without one; its thread ends with it.
        ///
        /// - Returns: Whether it did.
        mutating func setApart(_ job: Job) -> Bool {
            guard !job.isApart else { return false }
            switch job.lane {
            case .openFast, .openSlow, .close:
                guard writtenOff < BlockingPool.writeOffLimit else { return false }
                writtenOff += 1
            case .call:
                guard slow < slowCalls else { return false }
                slow += 1
            // What makes others return is short: if it is not, another one would not be either. Names have room.
            case .abort, .name: return false
            }
            job.isApart = true
            calls[ObjectIdentifier(job)] = nil
            lanes[job.lane]?.running -= 1
            leaveGroup(of: job)
            return true
        }

        /// Sets calls on live connections apart that take longer than usual, as many as others wait for a place.
        ///
        /// - Returns: How many there were, and when the next one takes longer while others still wait.
        mutating func makeRoom(at now: Duration, after usual: Duration) -> (freed: Int, next: Duration?) {
            guard slowCalls > 0, let lane = lanes[.call], lane.running >= lane.cap else { return (0, nil) }
            let waiting = lane.waiting.reduce(0) { $0 + $1.count }
            var freed = 0
            for job in calls.values.sorted(by: { ($0.began ?? now) < ($1.began ?? now) }) where freed < waiting {
                let age = now - (job.began ?? now)
                guard age >= usual else { return (freed, usual - age) }
                guard setApart(job) else { break }
                freed += 1
            }
            return (freed, nil)
        }

        /// A call has returned.
        ///
        /// - Returns: Whether its deadline had passed.
        mutating func settle(_ job: Job) -> Bool {
            let isLate = job.phase == .expired
            job.phase = .over
            for timer in [job.timer, job.press] { timer?.cancel() }
            (job.timer, job.press) = (nil, nil)
            overdue[ObjectIdentifier(job)] = nil
            calls[ObjectIdentifier(job)] = nil
            if !job.isApart {
                leaveGroup(of: job)
            } else if job.lane == .call {
                slow -= 1
            } else {
                writtenOff -= 1
            }
            return isLate
        }

        /// Gives back a call's place in its group.
        private mutating func leaveGroup(of job: Job) {
            guard let group = job.admission.group, let count = groups[group] else { return }
            groups[group] = count > 1 ? count - 1 : nil
        }

        private func hasRoom(_ job: Job) -> Bool {
            job.admission.group.map { groups[$0, default: 0] < groupCap } ?? true
        }
    }

    struct LaneState {
        let cap: Int

        /// Fresh calls, then the others, each in the order they came.
        var waiting: [Deque<Job>] = [[], []]
        var running = 0
        var expired = 0

        mutating func append(_ job: Job) {
            waiting[job.admission.isFresh ? 0 : 1].append(job)
        }

        /// - Returns: Whether it was still waiting.
        mutating func withdraw(_ job: Job) -> Bool {
            let queue = job.admission.isFresh ? 0 : 1
            guard let place = waiting[queue].firstIndex(where: { $0 === job }) else { return false }
            waiting[queue].remove(at: place)
            return true
        }
    }
}
