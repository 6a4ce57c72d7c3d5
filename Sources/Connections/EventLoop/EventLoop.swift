internal import CLibvirt
internal import CLinux
internal import Dispatch
internal import Glibc
internal import HeapModule

/// The event loop that libvirt runs on: one epoll thread for every connection of the process, handlers inline.
///
/// libvirt's own loop is a `poll` over all descriptors, which costs 36 % of a core at 2,000 idle hosts; this one costs a
/// tenth of that (measured). The rules it keeps are libvirt's, as documented with `virEventRegisterImpl` and as its
/// callers assume:
///
/// - add, update and remove come from any thread; all state is behind one lock, which is never held in a callback;
/// - a free callback never runs inside remove nor while its own handler runs: removed entries wait on a list that the loop
///   thread settles between handlers;
/// - free callbacks may block (the last reference to an ssh connection ends its child), so the loop thread does not run
///   them itself but gives them to the `reclaim` function of ``start(reclaim:)``.
///
/// There is one per process because libvirt's six functions carry no context. It cannot be stopped, only be idle.
///
/// See <https://libvirt.org/html/libvirt-libvirt-event.html#virEventRegisterImpl>.
package final class EventLoop: Sendable {
    package static let shared = EventLoop()

    /// Runs a job that may block, elsewhere than on the calling thread and beside those of other hosts.
    package typealias Reclaim = @Sendable (_ host: String, _ job: @escaping @Sendable () -> Void) -> Void

    /// The loop could not be set up; nothing works without it.
    package struct StartFailure: Error, Sendable {
        package let operation: String
        package let code: Int32
    }

    struct State {
        var epoll: Int32 = -1
        var wake: Int32 = -1
        var thread: pthread_t?
        var reclaim: Reclaim?

        var handles: [Int32: LoopHandle] = [:]
        var timers: [Int32: LoopTimer] = [:]
        var lastID: Int32 = 0
        var deadlines = Heap<LoopDeadline>()
        var everyTurn: Set<Int32> = []
        var removals: [LoopRemoval] = []

        /// When the loop thread wakes by itself: only an earlier deadline is worth a wake-up.
        var wakesAt: Milliseconds = .max
        var counters = EventLoopCounters()

        /// What runs at this moment, and how many have ever run.
        var handler: LoopHandler?
        var handled = 0

        /// Those who wait for the next turn.
        var waiting: [DispatchSemaphore] = []
    }

    let state = PosixLock(State())

    private init() {}

    /// Registers with libvirt and starts the thread.
    ///
    /// Call once, before the first connection; later calls do nothing.
    ///
    /// - Parameter reclaim: Where free callbacks run.
    package func start(reclaim: @escaping Reclaim) throws(StartFailure) {
        let isFirst = try state.withLock { state throws(StartFailure) in
            guard state.epoll < 0 else { return false }
            let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard epoll >= 0 else { throw StartFailure(operation: "epoll_create1", code: errno) }
            let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.u64 = Self.wakeID
            guard wake >= 0, epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) == 0 else {
                let failure = StartFailure(operation: "eventfd", code: errno)
                for descriptor in [wake, epoll] where descriptor >= 0 { close(descriptor) }
                throw failure
            }
            state.epoll = epoll
            state.wake = wake
            state.reclaim = reclaim
            return true
        }
        guard isFirst else { return }
        do {
            try PlainThread.start(name: "libvirt-loop") { self.run() }
        } catch {
            // Not half started: the next call begins anew.
            state.withLock { state in
                for descriptor in [state.wake, state.epoll] { close(descriptor) }
                (state.wake, state.epoll, state.reclaim) = (-1, -1, nil)
            }
            throw StartFailure(operation: "pthread_create", code: error.code)
        }
        virEventRegisterImpl(
            Self.addHandle,
            Self.updateHandle,
            Self.removeHandle,
            Self.addTimeout,
            Self.updateTimeout,
            Self.removeTimeout
        )
    }

    /// What the loop holds at this moment.
    ///
    /// Any thread.
    package var counters: EventLoopCounters {
        state.withLock { state in
            var counters = state.counters
            counters.handles = state.handles.count
            counters.timers = state.timers.count
            return counters
        }
    }

    /// Makes every call that waits on one of the binding's sockets, now or later, return with an error.
    ///
    /// Any thread.
    ///
    /// A descriptor stays open until its free callback ran, so what is shut down here is never somebody else's.
    func abort(_ binding: LoopBinding) {
        state.withLock { state in
            binding.isAborted = true
            for handle in state.handles.values where handle.binding === binding {
                shutdown(handle.fd, Int32(SHUT_RDWR))
            }
            for removal in state.removals where removal.binding === binding {
                if let fd = removal.fd { shutdown(fd, Int32(SHUT_RDWR)) }
            }
        }
    }

    /// Whether a descriptor is one that libvirt has shown, or has removed while its free callback has not been handed out.
    ///
    /// Any thread.
    func watches(_ fd: Int32) -> Bool {
        state.withLock { state in
            state.handles.values.contains { $0.fd == fd } || state.removals.contains { $0.fd == fd }
        }
    }

    /// Marks the wake-up descriptor among the epoll events; no handle has this id.
    static let wakeID: UInt64 = 0

    static var now: Milliseconds { clinux_monotonic_milliseconds() }
}

extension EventLoop.State {
    /// The next id: positive and not in use.
    ///
    /// Ids are not reused until the counter has come round, so that a late epoll event of a removed handle finds
    /// nobody.
    mutating func nextID() -> Int32 {
        repeat {
            lastID = lastID == .max ? 1 : lastID + 1
        } while handles[lastID] != nil || timers[lastID] != nil
        return lastID
    }

    /// Interrupts `epoll_wait`, unless the caller is the loop thread, which is awake.
    mutating func wakeLoop() {
        if let thread, pthread_equal(thread, pthread_self()) != 0 { return }
        var one: UInt64 = 1
        _ = write(wake, &one, MemoryLayout<UInt64>.size)
    }

    /// Counts an entry and finds whose it is.
    mutating func admit() -> LoopBinding? {
        counters.added += 1
        let binding = LoopBinding.current
        if binding == nil { counters.orphans += 1 }
        return binding
    }
}
