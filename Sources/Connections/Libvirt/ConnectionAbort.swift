/// Everything an attempt, and then its connection, can be made to return by.
///
/// What hangs may be in libvirt's RPC (its socket is in the event loop), in TCP, TLS or libssh before that (the socket is
/// known by its peer), or in a program that libvirt started (known by the pid it left).
final class ConnectionAbort: Sendable {
    let binding: LoopBinding

    private struct Known {
        var peers: Set<PeerAddress> = []
        var thread: BlockedThread?
        var transport: TransportFolder?
    }

    private let known = PosixLock(Known())

    init(binding: LoopBinding) {
        self.binding = binding
    }

    /// Adds where the calling thread is about to connect to.
    func watch(_ peers: Set<PeerAddress>) {
        known.withLock { known in
            known.peers = peers
            known.thread = .current
        }
    }

    /// Adds what the attempt starts as its transport; it stays on disk as long as this object lives.
    func watch(_ transport: TransportFolder) {
        known.withLock { $0.transport = transport }
    }

    /// The connection is open: from here on its socket is libvirt's to show.
    func forgetPeers() {
        known.withLock { known in
            known.peers = []
            known.thread = nil
        }
    }

    /// Makes calls of the attempt or the connection return.
    ///
    /// Any thread, more than once.
    func perform() {
        let isShown = EventLoop.shared.abort(binding)
        let known = known.withLock { $0 }
        if !isShown, let thread = known.thread, !known.peers.isEmpty {
            PeerSockets.shutdown(to: known.peers, for: thread, unless: EventLoop.shared.watches)
        }
        known.transport?.endProgram()
    }
}
