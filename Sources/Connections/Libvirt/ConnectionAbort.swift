/// Everything an attempt, and then its connection, can be made to return by.
///
/// What hangs may be in libvirt's RPC (its socket is in the event loop), in TCP, TLS or libssh before that (the socket is
/// what the thread waits for), or in a program that libvirt started (known by the pid it left).
final class ConnectionAbort: Sendable {
    let binding: LoopBinding

    private struct Known {
        var opener: BlockedThread?
        var transport: TransportFolder?
    }

    private let known = PosixLock(Known())

    init(binding: LoopBinding) {
        self.binding = binding
    }

    /// Runs the attempt with the calling thread being the one that opens.
    func whileOpening<Result>(_ body: () -> Result) -> Result {
        known.withLock { $0.opener = .current }
        defer { known.withLock { $0.opener = nil } }
        return binding.whileBound(body)
    }

    /// Adds what the attempt starts as its transport; it stays on disk as long as this object lives.
    func watch(_ transport: TransportFolder) {
        known.withLock { $0.transport = transport }
    }

    /// Makes calls of the attempt or the connection return.
    ///
    /// Any thread, more than once; touches the disk.
    func perform() {
        EventLoop.shared.abort(binding)
        let transport = known.withLock { known in
            // Under the lock, so that the thread cannot go on to another host meanwhile: a few system calls that do not
            // block.
            known.opener?.shutDownSockets(unless: EventLoop.shared.watches)
            return known.transport
        }
        transport?.endProgram()
    }
}
