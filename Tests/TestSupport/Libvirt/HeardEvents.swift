package import Connections
import Logging

/// A watcher of a private daemon, read-only as those of the service are, and every event it told.
package final class HeardEvents: Sendable {
    private let watcher: Watcher
    private let heard: Locked<[HostEvent]>
    private let daemon: PrivateLibvirtd
    private let driver: PrivateLibvirtd.Driver
    private let note: String

    /// Starts watching and returns when everything is registered: from there on no event is missed.
    ///
    /// `note` is what ``SeenEvents`` is told beside the driver and its version.
    package init(
        _ daemon: PrivateLibvirtd,
        _ driver: PrivateLibvirtd.Driver,
        note: String = "",
        treatAsRefused: Set<EventKind> = []
    ) async throws {
        let runtime = try LibvirtRuntime.start(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let environment = WatcherEnvironment(
            driver: LibvirtDriver(runtime, treatAsRefused: treatAsRefused),
            pool: runtime.pool,
            // The first open of a fresh daemon looks at its emulators.
            deadlines: .init(fast: .seconds(15), slow: .seconds(30)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let heard = Locked<[HostEvent]>([])
        let uri = try LibvirtURI(daemon.uri(.unix, driver: driver))
        let watcher = Watcher(Host(name: driver.rawValue, uri: uri), environment: environment) { reports in
            for case .event(let event) in reports.map(\.body) { heard.withLock { $0.append(event) } }
        }
        self.watcher = watcher
        self.heard = heard
        self.daemon = daemon
        self.driver = driver
        self.note = note
        await watcher.start()
        try await eventually("\(driver) is watched", detail: { "\(watcher.status)\n\(daemon.log)" }) {
            watcher.status.phase == .up
        }
    }

    deinit {
        // A test that failed has not come to stopping it.
        Task { [watcher] in await watcher.stop() }
    }

    package var facts: ConnectionFacts? { watcher.status.facts }

    private var source: String { "\(driver) \(facts?.daemonVersion ?? "unknown")\(note)" }

    package func stop() async {
        await watcher.stop()
    }

    /// All events of a kind so far about an object of that name, or about any: their payloads, oldest first.
    package func payloads(_ kind: EventKind, of name: String? = nil) -> [HostEvent.Payload] {
        heard.withLock { heard in
            heard.filter { $0.kind == kind && (name == nil || $0.subject.name == name) }.map(\.payload)
        }
    }

    /// All kinds so far.
    package var kinds: Set<EventKind> { heard.withLock { Set($0.map(\.kind)) } }

    /// Waits for an event of a kind whose payload is wanted, and gives that.
    @discardableResult
    package func wait(
        for kind: EventKind,
        of name: String? = nil,
        within limit: Duration = .seconds(180),
        isolation: isolated (any Actor)? = #isolation,
        where isWanted: (HostEvent.Payload) -> Bool = { _ in true }
    ) async throws -> HostEvent.Payload {
        let detail = {
            let lines = self.heard.withLock {
                $0.suffix(60).map { "  \($0.kind.path) \($0.subject.name): \($0.payload)\n" }
            }
            return "heard of \(self.source):\n\(lines.joined())\(self.daemon.log)"
        }
        let fact = "\(kind.path) (\(kind.id))\(name.map { " of \($0)" } ?? "") comes"
        let found = try await eventually(fact, within: limit, isolation: isolation, detail: detail) {
            payloads(kind, of: name).first(where: isWanted)
        }
        SeenEvents.note(kind, on: source)
        return found
    }

    /// Waits for an event of a kind with just this payload.
    package func wait(
        for kind: EventKind,
        of name: String? = nil,
        _ payload: HostEvent.Payload,
        isolation: isolated (any Actor)? = #isolation
    ) async throws {
        try await wait(for: kind, of: name, isolation: isolation) { $0 == payload }
    }
}

extension HostEvent.Subject {
    /// The object's name; a secret has its UUID only.
    package var name: String {
        switch self {
        case .domain(let name, _, _), .network(let name, _), .pool(let name, _), .nodedev(let name): name
        case .secret(let uuid): uuid.description
        }
    }
}
