internal import CLibvirt
internal import CLinux
internal import Glibc

/// The three functions through which libvirt has descriptors watched. They come from any thread.
extension EventLoop {
    static let addHandle: virEventAddHandleFunc = { fd, events, callback, opaque, release in
        guard let callback else { return -1 }
        return shared.state.withLock { state in
            let id = state.nextID()
            var event = epoll_event()
            event.events = EPOLLONESHOT.rawValue
            event.data.u64 = UInt64(id)
            guard epoll_ctl(state.epoll, EPOLL_CTL_ADD, fd, &event) == 0 else { return -1 }
            let handle = LoopHandle(
                fd: fd,
                callback: callback,
                opaque: LoopOpaque(pointer: opaque),
                release: release,
                binding: state.admit(),
                events: events
            )
            state.handles[id] = handle
            state.arm(handle, id: id)
            return id
        }
    }

    static let updateHandle: virEventUpdateHandleFunc = { id, events in
        shared.state.withLock { state in
            state.handles[id]?.events = events
            guard let handle = state.handles[id], !handle.isRunning else { return }
            state.arm(handle, id: id)
        }
    }

    static let removeHandle: virEventRemoveHandleFunc = { id in
        shared.state.withLock { state in
            guard let handle = state.handles.removeValue(forKey: id) else { return -1 }
            // At once, not later: libvirt may close the descriptor when this returns, and its number may come back.
            var event = epoll_event()
            epoll_ctl(state.epoll, EPOLL_CTL_DEL, handle.fd, &event)
            state.removals.append(
                LoopRemoval(
                    fd: handle.fd,
                    opaque: handle.opaque,
                    release: handle.release,
                    binding: handle.binding
                )
            )
            state.wakeLoop()
            return 0
        }
    }

    /// Runs one handle's callback on the loop thread and arms it again.
    func run(handle id: Int32, ready: UInt32) {
        let found = state.withLock { state -> LoopHandle? in
            guard let handle = state.handles[id], handle.events != 0 else { return nil }
            state.handles[id]?.isRunning = true
            state.begin(handle.binding)
            return handle
        }
        guard let handle = found else { return }
        let events = Self.libvirtEvents(ready, wanted: handle.events)
        if events != 0 {
            if let binding = handle.binding {
                binding.whileBound { handle.callback(id, handle.fd, events, handle.opaque.pointer) }
            } else {
                handle.callback(id, handle.fd, events, handle.opaque.pointer)
            }
        }
        state.withLock { state in
            state.handles[id]?.isRunning = false
            guard let handle = state.handles[id] else { return }
            state.arm(handle, id: id)
        }
    }

    /// Translates epoll's bits, keeping what was asked for and the two that cannot be masked.
    private static func libvirtEvents(_ ready: UInt32, wanted: Int32) -> Int32 {
        var events: Int32 = 0
        if ready & EPOLLIN.rawValue != 0 { events |= Int32(VIR_EVENT_HANDLE_READABLE.rawValue) }
        if ready & EPOLLOUT.rawValue != 0 { events |= Int32(VIR_EVENT_HANDLE_WRITABLE.rawValue) }
        if ready & EPOLLERR.rawValue != 0 { events |= Int32(VIR_EVENT_HANDLE_ERROR.rawValue) }
        if ready & EPOLLHUP.rawValue != 0 { events |= Int32(VIR_EVENT_HANDLE_HANGUP.rawValue) }
        let unmaskable = Int32(VIR_EVENT_HANDLE_ERROR.rawValue | VIR_EVENT_HANDLE_HANGUP.rawValue)
        return events & (wanted | unmaskable)
    }
}

extension EventLoop.State {
    /// Arms a handle for one report.
    ///
    /// One that wants nothing is left disarmed, because a hang-up cannot be masked and would spin the loop (580,000
    /// wake-ups in 3 s, measured).
    func arm(_ handle: LoopHandle, id: Int32) {
        guard handle.events != 0 else { return }
        var event = epoll_event()
        event.events = EPOLLONESHOT.rawValue
        if handle.events & Int32(VIR_EVENT_HANDLE_READABLE.rawValue) != 0 { event.events |= EPOLLIN.rawValue }
        if handle.events & Int32(VIR_EVENT_HANDLE_WRITABLE.rawValue) != 0 { event.events |= EPOLLOUT.rawValue }
        event.data.u64 = UInt64(id)
        epoll_ctl(epoll, EPOLL_CTL_MOD, handle.fd, &event)
    }
}
