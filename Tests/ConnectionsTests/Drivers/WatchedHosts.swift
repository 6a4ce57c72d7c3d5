import Connections
import Logging
import TestSupport

/// Watchers of real hosts, with the patience of a test, and what they reported.
final class WatchedHosts: Sendable {
    static let probeDeadline = Duration.seconds(2)

    private let reports = Reports()
    private let watchers: [String: Watcher]

    private final class Reports: Sendable {
        let all = Locked<[HostReport]>([])
    }

    /// - Parameters:
    ///   - uris: By name.
    ///   - probe: How often a host is probed; the deadline is 2 s, for on a busy machine one that is well may take a second.
    ///   - audit: How often it is audited.
    init(
        _ uris: [String: String],
        runtime: LibvirtRuntime,
        kinds: [EventKind] = EventKind.all,
        probe: Duration = .zero,
        audit: Duration = .zero,
        keepalive: Keepalive = Keepalive(interval: .seconds(5), count: 3)
    ) throws {
        let environment = WatcherEnvironment(
            driver: LibvirtDriver(runtime),
            pool: runtime.pool,
            deadlines: .init(fast: .seconds(5), slow: .seconds(15)),
            backoff: Backoff(base: .milliseconds(20), cap: .milliseconds(200)),
            probe: probe,
            probeDeadline: WatchedHosts.probeDeadline,
            audit: audit,
            logger: .silent
        )
        let reports = reports
        var watchers: [String: Watcher] = [:]
        for (name, uri) in uris {
            let host = Host(name: name, uri: try LibvirtURI(uri), keepalive: keepalive, kinds: kinds)
            watchers[name] = Watcher(host, environment: environment, inFlight: InFlight(limit: 100_000)) { new in
                reports.all.withLock { $0 += new.filter(\.isWord) }
            }
        }
        self.watchers = watchers
    }

    /// Starts them, and waits until all are up.
    func start() async throws {
        for watcher in watchers.values { await watcher.start() }
        try await eventually("all are up", detail: { "\(self.watchers.mapValues(\.status.phase))" }) {
            self.watchers.values.allSatisfy { $0.status.phase == .up }
        }
    }

    func stop() async {
        await withTaskGroup(of: Void.self) { group in
            for watcher in watchers.values { group.addTask { await watcher.stop() } }
        }
    }

    func status(_ host: String) -> WatcherStatus? { watchers[host]?.status }

    func reports(of host: String) -> [HostReport] {
        reports.all.withLock { $0.filter { $0.host == host } }
    }

    /// What a host was reported to be but for doubt because of calls: on a busy machine an answer may take its time.
    func lasting(_ host: String) -> [String] { words(host).filter { !$0.hasSuffix(" probe") } }

    /// What a host was reported to be, in short words; of its events those that were made up.
    func words(_ host: String) -> [String] {
        reports(of: host).compactMap { report in
            switch report.body {
            case .up: "up"
            case .down(let down): "down \(down.reason.rawValue)"
            case .degraded(let degradation): "degraded \(degradation.doubt)"
            case .recovered(let degradation): "recovered \(degradation.doubt)"
            case .flapping: "flapping"
            case .gap(let gap): "gap \(gap.cause.rawValue) \(gap.classes.map(\.rawValue).joined(separator: " "))"
            case .event(let event): report.synthetic.map { "\($0.basis.rawValue) \(event.kind.path)" }
            case .paused, .resumed, .certificate, .state: nil
            }
        }
    }

    func wait(for host: String, _ words: String...) async throws {
        try await eventually("\(host): \(words)", detail: { "\(self.words(host))" }) {
            self.words(host) == words
        }
    }
}
