internal import CLinux
internal import Glibc

/// A detached pthread with a name.
///
/// For what may block for ever: a blocked Dispatch queue or Task takes its neighbours with it, a plain thread costs
/// itself alone.
enum PlainThread {
    /// The system refused another thread.
    struct Refused: Error, Sendable {
        let code: Int32
    }

    /// libvirt and TLS need far less than the usual 8 MiB of stack, and there may be many threads.
    private static let stackSize = 1 << 20

    /// Starts a thread that runs `body` and ends.
    ///
    /// - Parameter name: Shown by `top -H`; the kernel keeps 15 bytes of it.
    /// - Throws: ``Refused`` when the process may not have another thread; `body` is then not run.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(Refused) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        let opaque = Unmanaged.passRetained(Start(name: name, body: body)).toOpaque()
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, main, opaque)
        guard code == 0 else {
            Unmanaged<Start>.fromOpaque(opaque).release()
            throw Refused(code: code)
        }
    }

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { opaque in
        guard let opaque else { return nil }
        let start = Unmanaged<Start>.fromOpaque(opaque).takeRetainedValue()
        pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
        start.body()
        return nil
    }
}
