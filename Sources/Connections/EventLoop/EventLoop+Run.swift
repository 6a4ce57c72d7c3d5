internal import CLinux
internal import Dispatch
internal import Glibc
internal import HeapModule

/// The loop thread.
extension EventLoop {
    /// Descriptors reported by one `epoll_wait`.
    private static let batch = 256

    func run() {
        let epoll = state.withLock { state in
            state.thread = pthread_self()
            return state.epoll
        }
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.batch) { events in
            while true {
                let waiting = state.withLock { $0.takeWaiting() }
                runTimers()
                for turn in waiting { turn.signal() }
                settleRemovals()
                let timeout = state.withLock { $0.sleep(now: Self.now) }
                let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout)
                state.withLock { $0.counters.wakeups += 1 }
                for event in events.prefix(Int(max(count, 0))) {
                    if event.data.u64 == Self.wakeID {
                        clearWake()
                    } else {
                        run(handle: Int32(truncatingIfNeeded: event.data.u64), ready: event.events)
                    }
                }
            }
        }
    }

    /// Hands out the free callbacks of what was removed.
    ///
    /// No handler is running: this is the thread that runs them.
    private func settleRemovals() {
        let (removals, reclaim) = state.withLock { state in
            defer { state.removals.removeAll(keepingCapacity: true) }
            return (state.removals, state.reclaim)
        }
        guard !removals.isEmpty, let reclaim else { return }
        // Of each connection by itself: one that does not return must not keep those of all who were lost with it.
        for removals in Dictionary(grouping: removals, by: { ObjectIdentifier($0.binding ?? Self.nobody) }).values {
            let binding = removals.first?.binding ?? Self.nobody
            reclaim(binding.host) {
                for removal in removals {
                    if removal.fd != nil { binding.finish() }
                    if let release = removal.release { binding.whileBound { release(removal.opaque.pointer) } }
                }
                self.state.withLock { $0.counters.freed += removals.count }
            }
        }
    }

    /// What a free callback of an orphan runs under; it adds nothing, but must not inherit a pool thread's binding.
    private static let nobody = LoopBinding(host: "")

    private func clearWake() {
        let wake = state.withLock(\.wake)
        var count: UInt64 = 0
        _ = read(wake, &count, MemoryLayout<UInt64>.size)
    }
}

extension EventLoop.State {
    /// How long the loop may sleep, in milliseconds as `epoll_wait` takes them; -1 = until woken.
    mutating func sleep(now: Milliseconds) -> Int32 {
        handler = nil
        wakesAt = removals.isEmpty && everyTurn.isEmpty ? deadlines.min?.time ?? .max : now
        return wakesAt == .max ? -1 : Int32(clamping: max(0, wakesAt - now))
    }
}
