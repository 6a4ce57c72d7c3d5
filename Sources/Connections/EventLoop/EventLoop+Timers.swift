internal import CLibvirt
internal import Glibc
internal import HeapModule

/// The three functions through which libvirt has timeouts called. They come from any thread.
extension EventLoop {
    static let addTimeout: virEventAddTimeoutFunc = { interval, callback, opaque, release in
        guard let callback else { return -1 }
        return shared.state.withLock { state in
            let id = state.nextID()
            state.timers[id] = LoopTimer(
                callback: callback,
                opaque: LoopOpaque(pointer: opaque),
                release: release,
                binding: state.admit(),
                interval: interval
            )
            state.schedule(timer: id, now: now)
            return id
        }
    }

    static let updateTimeout: virEventUpdateTimeoutFunc = { id, interval in
        shared.state.withLock { state in
            guard state.timers[id] != nil else { return }
            state.timers[id]?.interval = interval
            state.schedule(timer: id, now: now)
        }
    }

    static let removeTimeout: virEventRemoveTimeoutFunc = { id in
        shared.state.withLock { state in
            guard let timer = state.timers.removeValue(forKey: id) else { return -1 }
            state.everyTurn.remove(id)
            state.removals.append(
                LoopRemoval(fd: nil, opaque: timer.opaque, release: timer.release, binding: timer.binding)
            )
            state.wakeLoop()
            return 0
        }
    }

    /// Calls every timer that is due, and every one that is called on each turn.
    ///
    /// Loop thread only.
    func runTimers() {
        let due = state.withLock { $0.takeDue(now: Self.now) }
        for id in due {
            // Looked up one by one: an earlier callback may have removed or switched off a later timer.
            let found = state.withLock { state -> LoopTimer? in
                guard let timer = state.timers[id], timer.interval >= 0 else { return nil }
                state.begin(timer.binding)
                return timer
            }
            guard let timer = found else { continue }
            if let binding = timer.binding {
                binding.whileBound { timer.callback(id, timer.opaque.pointer) }
            } else {
                timer.callback(id, timer.opaque.pointer)
            }
        }
    }
}

extension EventLoop.State {
    /// Sets a timer's next call from its interval; wakes the loop only for an earlier deadline than it sleeps to.
    mutating func schedule(timer id: Int32, now: Milliseconds) {
        guard var timer = timers[id] else { return }
        if timer.interval == 0 {
            timer.deadline = nil
            if everyTurn.insert(id).inserted { wakeLoop() }
        } else {
            everyTurn.remove(id)
            timer.deadline = timer.interval < 0 ? nil : now + Milliseconds(timer.interval)
        }
        if let deadline = timer.deadline, timer.heapDeadline.map({ $0 > deadline }) ?? true {
            timer.heapDeadline = deadline
            deadlines.insert(LoopDeadline(time: deadline, timer: id))
            if deadline < wakesAt { wakeLoop() }
        }
        timers[id] = timer
    }

    /// The timers to call now; periodic ones are scheduled anew from `now`.
    mutating func takeDue(now: Milliseconds) -> [Int32] {
        var due = Array(everyTurn)
        while let first = deadlines.min, first.time <= now {
            deadlines.removeMin()
            // An entry that its timer no longer calls its own is left over from an update or a removal.
            guard timers[first.timer]?.heapDeadline == first.time else { continue }
            timers[first.timer]?.heapDeadline = nil
            guard let deadline = timers[first.timer]?.deadline else { continue }
            if deadline <= now {
                due.append(first.timer)
                schedule(timer: first.timer, now: now)
            } else {
                timers[first.timer]?.heapDeadline = deadline
                deadlines.insert(LoopDeadline(time: deadline, timer: first.timer))
            }
        }
        return due
    }
}
