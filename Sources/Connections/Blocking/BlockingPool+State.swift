internal import DequeModule

extension BlockingPool {
    /// All that changes, behind the pool's lock.
    struct State {
        var lanes: [Lane: LaneState] = [:]

        /// Calls of each group that run.
        var groups: [String: Int] = [:]
        let groupCap: Int

        /// Threads that no longer count, by the call that holds them.
        var writtenOff: [ObjectIdentifier: Job] = [:]

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

        /// Gives back a call's place in its group.
        mutating func leaveGroup(of job: Job) {
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
