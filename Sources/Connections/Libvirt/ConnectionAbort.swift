/// Everything an attempt, and then its connection, can be made to return by.
///
/// What hangs may be in libvirt's RPC (its socket is in the event loop), in TCP, TLS or libssh before that (the socket is
/// what the thread waits for), or in a program that libvirt started (known by the pid it left).
final class ConnectionAbort: Sendable {
    let binding: LoopBinding

    private let opener = PosixLock<BlockedThread?>(nil)

    init(binding: LoopBinding) {
        self.binding = binding
    }

    /// Runs the attempt with the calling thread being the one that opens.
    func whileOpening<Result>(_ body: () -> Result) -> Result {
        opener.withLock { $0 = .current }
        defer { opener.withLock { $0 = nil } }
        return binding.whileBound(body)
    }

    /// Makes calls of the attempt or the connection return.
    ///
    /// Any thread, more than once; touches the disk.
    func perform() {
        binding.end()
        // Under the lock, so that the thread cannot go on to another host meanwhile: a few system calls that do not block.
        opener.withLock { $0?.shutDownSockets(unless: EventLoop.shared.watches) }
    }
}
