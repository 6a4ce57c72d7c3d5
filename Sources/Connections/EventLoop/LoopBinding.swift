internal import Glibc
internal import Synchronization

/// Tells the event loop whose handles and timers are being added.
///
/// libvirt adds them without saying for which connection, but always on the thread that is inside `virConnectOpen`, a
/// register call or one of the loop's own handlers. Whoever makes such a call binds the thread first.
final class LoopBinding: Sendable {
    /// The host the connection leads to; for log lines.
    let host: String

    /// Where it leads; for what log lines must not hold.
    let uri: LibvirtURI?

    private let aborted = Atomic<Bool>(false)
    private let program = PosixLock<TransportFolder?>(nil)

    init(host: String, uri: LibvirtURI? = nil) {
        self.host = host
        self.uri = uri
    }

    /// Set once by ``EventLoop/abort(_:)``, for what looks now and then whether it is still wanted.
    ///
    /// A socket that libvirt shows only later is left to the next abort: libvirt 9.0 loses its client object when the
    /// connection ends in the moment between the socket's registration and the first call (measured over libssh2).
    var isAborted: Bool {
        get { aborted.load(ordering: .acquiring) }
        set { aborted.store(newValue, ordering: .releasing) }
    }

    /// What was started for the connection; it stays on disk as long as anything of the connection is left.
    var transport: TransportFolder? {
        get { program.withLock(\.self) }
        set { program.withLock { $0 = newValue } }
    }

    /// Makes what waits for the connection return: for its sockets, or for the program it leads through.
    ///
    /// Any thread, more than once; touches the disk.
    func end() {
        EventLoop.shared.abort(self)
        transport?.endProgram()
    }

    /// libvirt lets go of the connection's socket next, and learns how its program ended.
    ///
    /// Blocks for some milliseconds.
    func finish() {
        transport?.finish()
    }

    /// Runs `body` with everything libvirt adds on this thread belonging to this binding.
    func whileBound<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let outer = pthread_getspecific(Self.key)
        pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
        defer { pthread_setspecific(Self.key, outer) }
        return try body()
    }

    /// The innermost binding of the calling thread.
    static var current: LoopBinding? {
        pthread_getspecific(key).map { Unmanaged<LoopBinding>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()
}
