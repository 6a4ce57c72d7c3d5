internal import Connections
internal import Dispatch
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Carries the admin interface over HTTP on its unix socket.
///
/// On one thread of its own. Whoever opens the socket and says nothing, or says it slowly, holds one of a few connections
/// for a few seconds and nothing else.
struct AdminServer: Sendable {
    /// How many connections are served at once; more wait in the socket's queue.
    static let connectionLimit = 16

    /// Never shut down: what closes late would find its thread gone.
    private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// How long a connection may say nothing, its request's head included.
    ///
    /// The default is 5 s.
    var idleTimeout = TimeAmount.seconds(5)

    /// How long a connection may last; a reload has the longest answer.
    ///
    /// The default is 60 s.
    var lifetime = TimeAmount.seconds(60)

    let api: AdminAPI
    let place: AdminSocketPlace
    let scheduler: any Scheduler

    /// How long the end waits for requests that are being answered.
    ///
    /// The default is 1 s.
    var stopPatience = Duration.seconds(1)
    let logger: Logger

    /// Serves until the service begins to stop, and removes the socket.
    ///
    /// Never throws: a service without its admin socket is better than none, and it says so.
    func run() async {
        do {
            try await serve()
        } catch is CancellationError {
            // What was under way when the service stopped has had its time.
        } catch {
            logger.error("Admin socket failed", metadata: [LogKeys.error: "\(error)"])
        }
        place.remove()
        // The other parts stop after this one.
        try? await gracefulShutdown()
    }

    private func serve() async throws {
        let application = application
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await application.run() }
            tasks.addTask {
                try await gracefulShutdown()
                await scheduler.wait(for: stopPatience)
            }
            // Whichever ends first: the server, or the time it has to finish what it was at.
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private var application: Application<AdminResponder> {
        let (place, logger, lifetime) = (place, logger, lifetime)
        let quiet = Logger(label: "admin") { _ in SwiftLogNoOpLogHandler() }
        return Application(
            responder: AdminResponder(api: api, names: UserNames(scheduler: scheduler)),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [ConnectionLifetime(lifetime)],
                    idleTimeout: idleTimeout,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 4096,
                        maxHeaderListSize: 8192,
                        maxHeaderFieldCount: 64
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: place.bindPath),
                backlog: Self.connectionLimit,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit, logger: quiet)
            ),
            onServerRunning: { _ in
                do {
                    try place.publish()
                    logger.info("Admin socket ready", metadata: ["path": "\(place.path)"])
                } catch {
                    logger.error("Admin socket failed", metadata: [LogKeys.error: "\(error)"])
                }
            },
            eventLoopGroupProvider: .shared(Self.threads),
            logger: quiet
        )
    }
}
