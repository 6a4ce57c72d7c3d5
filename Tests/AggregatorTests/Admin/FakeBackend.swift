import SaltBus
import Spool
import Synchronization

@testable import Aggregator
@testable import Connections

/// A service of three hosts that does nothing but remember.
final class FakeBackend: AdminBackend {
    let pauses = Mutex<[String]>([])
    let replays = Mutex<[String]>([])
    let outcome = Mutex<Result<ReloadDifference, ConfigurationErrors>>(.success(ReloadDifference(unchanged: 2)))
    private let entries: [Supervisor.Entry]

    init() throws {
        var down = WatcherStatus(phase: .down)
        let since = Timestamp(microseconds: 1_795_336_099_265_359)
        down.down = HostDown(reason: .timeout, message: "no answer", since: since, nextAttempt: since + .seconds(9))
        var up = WatcherStatus(phase: .up)
        up.facts = ConnectionFacts(
            uri: "qemu+tls://kvm02/system",
            daemonVersion: "9.0.0",
            registered: [.domainLifecycle],
            refused: [RefusedKind(kind: .secretLifecycle, message: "no")]
        )
        up.events = 12
        up.pause = Pause(by: "op", until: since)
        var odd = WatcherStatus(phase: .up)
        odd.facts = ConnectionFacts(
            uri: "qemu+tls://kvm03/system",
            daemonVersion: "9.0.0",
            registered: [.domainLifecycle, .networkLifecycle, .poolLifecycle]
        )
        odd.degraded = [.audit(.domain): since, .probe: since]
        odd.flapping = HostFlapping(count: 7, since: since)
        odd.heard = LastHeard(connection: since + .seconds(-61), classes: [.domain: since + .seconds(-300)])
        odd.classes = [.domain: ClassStatus(objects: 12, listed: since), .pool: ClassStatus(failure: "no pools today")]
        odd.beyondLimit = 3
        odd.gaps = 2
        odd.lastGap = HostGap(
            from: since + .seconds(-62),
            to: since,
            classes: [.domain, .pool],
            cause: .daemon,
            synthesised: 4
        )
        entries = [
            try Self.entry("kvm01", "qemu+ssh://secretuser@kvm01/system?keyfile=/secret", ["Rack_No": "r 7"], down),
            try Self.entry("kvm02", "qemu+tls://kvm02/system?no_verify=1", [:], up),
            try Self.entry("kvm03", "qemu+tls://kvm03/system", [:], odd),
        ]
    }

    private static func entry(_ name: String, _ uri: String, _ labels: [String: String], _ status: WatcherStatus) throws
        -> Supervisor.Entry
    {
        let host = InventoryHost(
            host: Host(name: name, uri: try LibvirtURI(uri)),
            labels: Labels(labels),
            tagPrefix: TagPrefix.standard,
            filter: Filter([try FilterWord(text: "all"), try FilterWord(text: "!nodedev")])
        )
        return Supervisor.Entry(host: host, status: status)
    }

    func status() async -> StatusView {
        StatusView(
            version: Version.current,
            libvirt: "9.0.0",
            instance: "0123456789abcdef",
            started: Timestamp(microseconds: 0).iso8601,
            uptime: 1.5,
            hosts: StatusView.Hosts(entries),
            hypervisors: StatusView.Hypervisors(),
            bus: StatusView.Bus(
                BusState(phase: .ready, since: Timestamp(microseconds: 0), framing: .bare),
                confirm: .echo,
                pacing: Pacer.Snapshot(rate: 1_000)
            ),
            ledger: StatusView.LedgerView(Ledger(received: 5, relayed: 3, waiting: 2)),
            spool: StatusView.SpoolView(SpoolSize(bytes: 1, limit: 2)),
            pool: StatusView.Pool(
                BlockingPoolCounters(
                    waiting: 1,
                    running: 2,
                    slow: 5,
                    writtenOff: 1,
                    stuck: [StuckCall(host: "kvm01", lane: .openFast, age: .seconds(3))],
                    expired: 4
                )
            ),
            eventLoop: StatusView.EventLoopView(
                EventLoopCounters(handles: 2, timers: 4, added: 10, freed: 3),
                callbacks: 40
            ),
            inventory: StatusView.Source(source: "/inventory.yaml"),
            reload: nil,
            warnings: ["something"]
        )
    }

    func hosts() async -> [HostView] {
        entries.map { entry in
            let isStuck = entry.host.host.name == "kvm01"
            let stuck = isStuck ? [StuckCall(host: "kvm01", lane: .openFast, age: .seconds(3))] : []
            return HostView(entry, at: now, stuck: stuck)
        }
    }

    func host(_ name: String) async -> HostView? { await hosts().first { $0.name == name } }

    func pause(_ name: String, for duration: Duration?, by who: String) async throws(AdminFailure) -> HostView? {
        guard let host = await host(name) else { return nil }
        pauses.withLock { $0.append("\(name) \(duration?.text ?? "-") \(who)") }
        return host
    }

    func resume(_ name: String, by who: String) async throws(AdminFailure) -> HostView? {
        guard let host = await host(name) else { return nil }
        pauses.withLock { $0.append("resume \(name) \(who)") }
        return host
    }

    func reload() async -> Reloader.Outcome {
        Reloader.Outcome(at: Timestamp(microseconds: 0), trigger: .admin, result: outcome.withLock { $0 })
    }

    let now = Timestamp(microseconds: 1_795_336_099_265_359)

    func replay() async -> ReplayView { ReplayView() }

    func replay(_ id: Int64) async -> ReplayView? { id == 7 ? ReplayView(phase: .dryRun, id: 7) : nil }

    func replay(_ request: ReplayRequest, by who: String) async throws(AdminFailure) -> ReplayView {
        replays.withLock { $0.append("\(request.rate) \(who)") }
        return ReplayView(phase: request.isDryRun ? .dryRun : .running, rate: request.rate, by: who)
    }

    func stopReplay() async -> ReplayView { ReplayView(phase: .stopped) }
}
