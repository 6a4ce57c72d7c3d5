internal import CLibvirt
internal import Glibc
package import Logging

/// libvirt made ready for this process: loop, library, error reporting, and the pool its calls run on.
///
/// One per process, because libvirt's event loop and error function are. Never stopped; ``EventLoop/counters`` tell when
/// libvirt has let go of everything.
package final class LibvirtRuntime: Sendable {
    /// Every libvirt call that may block runs here.
    package let pool: BlockingPool
    private let logger: Logger

    private init(pool: BlockingPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    private static let shared = PosixLock<LibvirtRuntime?>(nil)

    /// Starts libvirt, or gives what is started already.
    ///
    /// Any thread, before the first connection.
    ///
    /// - Parameters:
    ///   - logger: Gets libvirt's errors at debug level with the host they belong to. The first call's logger stays.
    ///   - pool: Runs libvirt's calls; the first call's pool stays. The default is one with the default caps.
    /// - Throws: ``EventLoop/StartFailure``, or an ``EstablishFailure`` when the library does not initialise.
    package static func start(logger: Logger, pool: BlockingPool = BlockingPool()) throws -> LibvirtRuntime {
        try shared.withLock { slot in
            if let runtime = slot { return runtime }
            let runtime = LibvirtRuntime(pool: pool, logger: logger)
            try runtime.setUp()
            slot = runtime
            return runtime
        }
    }

    private func setUp() throws {
        // A client that answers on a connection its daemon has dropped is killed otherwise.
        signal(SIGPIPE, SIG_IGN)
        // libvirt writes warnings to stderr by itself; what it has to say comes through the error function. Whoever
        // debugs libvirt sets this variable, and then it stays.
        setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", 0)
        let pool = pool
        try EventLoop.shared.start { host, job in
            let call = BlockingCall<Void>(deadline: .seconds(5), body: job, finished: {})
            pool.submit(call, lane: .close, admission: Admission(host: host))
        }
        LoopWatch(.shared, pool: pool, logger: logger).start()
        // Without it the first error that is reset aborts the process (measured).
        guard virInitialize() == 0 else { throw EstablishFailure(LibvirtError.last()) }
        virSetErrorFunc(nil, Self.report)
    }

    /// The installed library's version, for example `9.0.0`.
    package static var libraryVersion: String {
        LibvirtVersion.installed?.description ?? "unknown"
    }

    /// Called by libvirt on the thread whose call failed.
    private static let report: virErrorFunc = { _, error in
        guard let error = error?.pointee, let logger = shared.withLock({ $0?.logger }) else { return }
        let copy = LibvirtError(error)
        let binding = LoopBinding.current
        logger.debug(
            "libvirt error",
            metadata: [
                LogKeys.host: "\(binding?.host ?? "")", "code": "\(copy.code)", "domain": "\(copy.domain)",
                LogKeys.error: "\(binding?.uri?.redacting(copy.message) ?? copy.message)",
            ]
        )
    }
}
