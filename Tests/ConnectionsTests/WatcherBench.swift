import Connections
import Logging
import TestSupport
import Testing

/// A watcher with everything under the test's control; without probes and audits unless a test asks for them.
final class WatcherBench: Sendable {
    let scheduler = ManualScheduler()
    let driver: FakeDriver
    let watcher: Watcher
    let host: Host
    let pool: BlockingPool
    private let received: Received

    /// How far the wall clock has been set forth.
    private let offset = Locked(Duration.zero)

    /// What the watcher reported, in short words.
    private final class Received: Sendable {
        let reports = Locked<[HostReport]>([])
    }

    /// - Parameter calls: How many calls may run at once, slow ones among them.
    init(
        _ driver: FakeDriver,
        inFlightLimit: Int = 10,
        uri: String = "test:///default",
        downGrace: Duration = .zero,
        pause: Pause? = nil,
        kinds: [EventKind] = EventKind.all,
        state: HostState = HostState(),
        heard: LastHeard? = nil,
        uuid: String? = nil,
        start: Duration = .zero,
        probe: Duration = .zero,
        audit: Duration = .zero,
        flapLimit: FlapLimit = FlapLimit(),
        backoff: Backoff = Backoff(),
        calls: Int? = nil
    ) throws {
        self.driver = driver
        let received = Received()
        self.received = received
        let host = Host(name: "kvm01", uri: try LibvirtURI(uri), kinds: kinds, downGrace: downGrace)
        self.host = host
        pool = BlockingPool(
            caps: calls.map { [.call: $0] } ?? BlockingPool.defaultCaps,
            slowCalls: calls == nil ? BlockingPool.slowCallLimit : 0,
            scheduler: scheduler
        )
        let environment = WatcherEnvironment(
            driver: driver,
            pool: pool,
            scheduler: scheduler,
            now: { [scheduler, offset] in
                Timestamp(microseconds: 0) + start + scheduler.now + offset.withLock { $0 }
            },
            random: HighestRandom(),
            backoff: backoff,
            probe: probe,
            audit: audit,
            flapLimit: flapLimit,
            logger: Logger(label: "test") { _ in
                SwiftLogNoOpLogHandler()
            }
        )
        watcher = Watcher(
            host,
            environment: environment,
            inFlight: InFlight(limit: inFlightLimit),
            pause: pause,
            state: state,
            heard: heard,
            uuid: uuid
        ) { reports in received.reports.withLock { $0 += reports } }
    }

    /// Lets time pass, second by second, each until everything that it began is over.
    func pass(seconds: Int, _ each: () -> Void = {}) async throws {
        try await rest()
        for _ in 0..<seconds {
            scheduler.advance(by: .seconds(1))
            try await rest()
            each()
        }
    }

    /// Waits until no call is under way, and all has been done that comes of them.
    func rest() async throws {
        repeat {
            try await eventually("no call is under way") { isAtRest }
            await turnEnds()
        } while !isAtRest
    }

    /// Waits for something, and for all that the watcher does in the same turn: what it plans then is planned.
    func until(_ fact: String, detail: () -> String = { "" }, isTrue: () async throws -> Bool) async throws {
        try await eventually(fact, detail: detail, isTrue: isTrue)
        await turnEnds()
    }

    /// Returns behind what is on the watcher's queue.
    private func turnEnds() async { _ = await watcher.lost }

    private var isAtRest: Bool {
        let counters = pool.counters
        return counters.running == 0 && counters.waiting == 0
    }

    /// Sets the wall clock back.
    func setClock(back duration: Duration) { offset.withLock { $0 -= duration } }

    /// What the bus is told.
    var everything: [HostReport] { received.reports.withLock { $0.filter(\.isWord) } }

    /// What the bus is told of what was heard, without what makes up for the rest.
    var reports: [HostReport] {
        everything.filter { report in
            if case .gap = report.body { false } else { report.synthetic == nil }
        }
    }

    /// What makes up for what was not heard, in the order it was told: `defined a`, `gap self 2`.
    var repairs: [String] {
        everything.compactMap { report in
            switch report.body {
            case .gap(let gap): "gap \(gap.cause.rawValue) \(gap.synthesised)"
            case .event(let event) where report.synthetic != nil: event.step
            default: nil
            }
        }
    }

    var gaps: [HostGap] {
        everything.compactMap { report in
            if case .gap(let gap) = report.body { gap } else { nil }
        }
    }

    func repairs(_ words: String...) async throws {
        try await until("\(words)", detail: { "\(self.repairs)" }) { self.repairs == words }
    }

    /// What the history is told.
    var changes: [StateChange] { received.reports.withLock { $0.flatMap(\.changes) } }

    var words: [String] { words(of: reports) }

    /// Every lifecycle event that the bus is told of, made up or not.
    var steps: [String] {
        everything.compactMap { report in
            if case .event(let event) = report.body { event.step } else { nil }
        }
    }

    func words(of reports: [HostReport]) -> [String] {
        reports.map { report in
            switch report.body {
            case .state: ""
            case .up(let up): "up \(up.attempt)"
            case .down(let down): "down \(down.reason.rawValue)"
            case .paused(let pause): "paused by \(pause.by)"
            case .resumed(let who): "resumed by \(who)"
            case .certificate(let notice): "certificate \(notice.owner.rawValue) \(notice.daysLeft)"
            case .gap(let gap): "gap \(gap.cause.rawValue)"
            case .degraded(let degradation): "degraded \(degradation.doubt)"
            case .recovered(let degradation): "recovered \(degradation.doubt)"
            case .flapping(let flapping): "flapping \(flapping.count)"
            case .event(let event):
                if case .domain(let name, _, _) = event.subject { name } else { "?" }
            }
        }
    }

    func reports(_ words: String...) async throws {
        try await until("\(words)", detail: { "\(self.words)" }) { self.words == words }
    }

    /// Waits until that is all there is to come.
    func retryIsScheduled(after delay: Duration) async throws { try await isPlanned(delay) }

    func nothingIsPlanned() async throws { try await isPlanned() }

    /// Waits until nothing else is planned; calls under way are, by their deadlines.
    func isPlanned(_ delays: Duration...) async throws {
        try await eventually("\(delays) are planned", detail: { "\(scheduler.pending)" }) {
            guard isAtRest else { return false }
            await turnEnds()
            return isAtRest && scheduler.pending == delays
        }
    }
}

extension HostEvent {
    /// A lifecycle event in words: `started a`.
    var step: String {
        guard case .lifecycle(let number, _) = payload else { return kind.path }
        return "\(EventWords.lifecycle(kind.object)[number]) \(subject.text)"
    }
}

extension HostEvent.Subject {
    fileprivate var text: String {
        switch self {
        case .domain(let name, _, _), .network(let name, _), .pool(let name, _), .nodedev(let name): name
        case .secret(let uuid): uuid.description
        }
    }
}
