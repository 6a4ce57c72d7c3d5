package import Connections
internal import Dispatch
internal import Synchronization

/// A driver that does what a test says: the next attempts succeed, fail or hang in the order they were scripted.
package final class FakeDriver: HypervisorDriver {
    package enum Outcome: Sendable {
        case succeed
        case fail(DownReason)
        /// An event of a domain comes, and then it fails.
        case tellAndFail(String, DownReason)
        /// Succeeds, and the connection is lost before that is known.
        case loseAtOnce(DownReason)
        /// The same, and an event comes before that and another after it.
        case tellAndLose(String, DownReason)
        /// Returns only when aborted, and then fails.
        case hang
        /// Ignores the abort, and succeeds when ``release()`` is called.
        case hangThenSucceed
    }

    private struct State {
        var script: [Outcome] = []
        var connections: [FakeConnection] = []
        var attempts = 0
        var verdict: TLSVerdict?
        var refused: Set<EventKind> = []
        var uuid: String?
        var isUUIDHeld = false
        var listings: [EventKind.Object: Result<Listing, ListingFailure>] = [:]
        var listed: [EventKind.Object] = []
        var held: Set<EventKind.Object> = []
        var uptime: Duration?
        var isUptimeHeld = false
    }

    private let state = Locked(State())
    fileprivate let released = DispatchSemaphore(value: 0)
    private let listings = DispatchSemaphore(value: 0)
    private let identities = DispatchSemaphore(value: 0)
    private let uptimes = DispatchSemaphore(value: 0)

    package init(_ script: Outcome...) {
        state.withLock { $0.script = script }
    }

    /// What the next attempts do, before what was scripted already.
    package func script(_ outcomes: Outcome...) { script(outcomes: outcomes) }
    package func script(outcomes: [Outcome]) { state.withLock { $0.script = outcomes + $0.script } }

    /// Attempts made so far; those beyond the script succeed.
    package var attempts: Int { state.withLock { $0.attempts } }
    package var connections: [FakeConnection] { state.withLock { $0.connections } }

    /// Lets one attempt that hangs go on.
    package func release() { released.signal() }

    /// Kinds that hosts refuse from now on, for the moment.
    package func refuse(_ kinds: Set<EventKind>) { state.withLock { $0.refused = kinds } }

    /// Who hosts say they are from now on; nobody by default.
    package func identify(as uuid: String?) { state.withLock { $0.uuid = uuid } }

    /// Lets the question for the UUID wait from now on, each until it is let go.
    package func holdIdentities() { state.withLock { $0.isUUIDHeld = true } }

    /// Lets as many questions go, and all that come.
    package func letGoIdentities(_ count: Int) {
        state.withLock { $0.isUUIDHeld = false }
        for _ in 0..<count { identities.signal() }
    }

    fileprivate var uuid: String? {
        let (uuid, isHeld) = state.withLock { ($0.uuid, $0.isUUIDHeld) }
        if isHeld { identities.wait() }
        return uuid
    }

    fileprivate func facts(_ kinds: [EventKind], uri: String) -> ConnectionFacts {
        let refused = state.withLock(\.refused)
        return ConnectionFacts(
            uri: uri,
            registered: kinds.filter { !refused.contains($0) },
            refused: kinds.filter { refused.contains($0) }.map {
                RefusedKind(kind: $0, message: "away", isPassing: true, reason: .refused)
            }
        )
    }

    /// What hosts list of a class from now on; nothing by default.
    package func show(_ object: EventKind.Object, _ objects: ListedObject..., unsettled: Set<ObjectKey> = []) {
        show(object, objects, unsettled: unsettled)
    }

    package func show(_ object: EventKind.Object, _ objects: [ListedObject], unsettled: Set<ObjectKey> = []) {
        state.withLock { $0.listings[object] = .success(Listing(objects, unsettled: unsettled)) }
    }

    /// How long hosts say they have been up from now on; nothing by default.
    package func show(uptime: Duration?) { state.withLock { $0.uptime = uptime } }

    /// Lets the question for that wait from now on, each until it is let go.
    package func holdUptimes() { state.withLock { $0.isUptimeHeld = true } }

    /// Lets as many questions go, and all that come.
    package func letGoUptimes(_ count: Int) {
        state.withLock { $0.isUptimeHeld = false }
        for _ in 0..<count { uptimes.signal() }
    }

    fileprivate var uptime: Duration? {
        let (uptime, isHeld) = state.withLock { ($0.uptime, $0.isUptimeHeld) }
        if isHeld { uptimes.wait() }
        return uptime
    }

    /// Lets listings of a class fail from now on.
    package func failListing(of object: EventKind.Object, _ failure: ListingFailure) {
        state.withLock { $0.listings[object] = .failure(failure) }
    }

    /// Lets listings of a class wait from now on, each until it is let go.
    package func holdListings(of object: EventKind.Object) { _ = state.withLock { $0.held.insert(object) } }

    /// Lets one listing go, and all that come.
    package func letGoListings() {
        state.withLock { $0.held = [] }
        listings.signal()
    }

    /// The listings begun so far.
    package var listed: [EventKind.Object] { state.withLock(\.listed) }

    fileprivate func list(_ object: EventKind.Object) -> Result<Listing, ListingFailure> {
        // What a host says it says as of the beginning.
        let (result, isHeld) = state.withLock { state in
            state.listed.append(object)
            return (state.listings[object] ?? .success(Listing()), state.held.contains(object))
        }
        if isHeld { listings.wait() }
        return result
    }

    /// What a look at the certificates finds from now on.
    package func show(_ verdict: TLSVerdict) { state.withLock { $0.verdict = verdict } }

    package func certificates(of host: Host, deadline: Duration) -> TLSVerdict? { state.withLock { $0.verdict } }

    package func attempt(_ host: Host, deadline: Duration, inlet: ConnectionInlet) -> any EstablishAttempt {
        let outcome = state.withLock { state in
            state.attempts += 1
            return state.script.isEmpty ? .succeed : state.script.removeFirst()
        }
        return FakeAttempt(outcome: outcome, host: host, inlet: inlet, driver: self)
    }

    fileprivate func connect(_ host: Host, _ inlet: ConnectionInlet) -> FakeConnection {
        let connection = FakeConnection(host: host, inlet: inlet, driver: self)
        state.withLock { $0.connections.append(connection) }
        return connection
    }
}

/// A connection whose events and loss a test makes.
package final class FakeConnection: HypervisorConnection {
    package let inlet: ConnectionInlet
    private let closed = Atomic<Bool>(false)
    private let hangs = Atomic<Bool>(false)
    private let probes = Atomic<Int>(0)
    private let changes = DispatchSemaphore(value: 0)
    /// What the driver would give of kinds; it holds its connections, and is not held by them.
    private let ask: @Sendable ([EventKind]) -> ConnectionFacts?
    private let askForUUID: @Sendable () -> String?
    private let askForList: @Sendable (EventKind.Object) -> Result<Listing, ListingFailure>?
    private let askForUptime: @Sendable () -> Duration?
    private let state: Locked<(kinds: [EventKind], facts: ConnectionFacts)>

    fileprivate init(host: Host, inlet: ConnectionInlet, driver: FakeDriver) {
        let uri = host.uri.redacted
        ask = { [weak driver] in driver?.facts($0, uri: uri) }
        askForUUID = { [weak driver] in driver?.uuid }
        askForUptime = { [weak driver] in driver?.uptime }
        askForList = { [weak driver] in driver?.list($0) }
        state = Locked((host.kinds, driver.facts(host.kinds, uri: uri)))
        self.inlet = inlet
    }

    package var facts: ConnectionFacts { state.withLock(\.facts) }
    package var kinds: [EventKind] { state.withLock(\.kinds) }
    package func change(kinds: [EventKind]) {
        if hangs.load(ordering: .acquiring) { changes.wait() }
        guard let facts = ask(kinds) else { return }
        state.withLock { $0 = (kinds, facts) }
    }

    /// Lets changes of kinds and probes hang from now on, until ``release()``.
    package func hang() { hangs.store(true, ordering: .releasing) }

    /// Lets one that hangs go on.
    package func release() { changes.signal() }

    package var isOpen: Bool { !isClosed }

    package func probe() {
        probes.add(1, ordering: .relaxed)
        if hangs.load(ordering: .acquiring) { changes.wait() }
    }

    /// Probes begun so far.
    package var probed: Int { probes.load(ordering: .relaxed) }

    package var isClosed: Bool { closed.load(ordering: .acquiring) }
    package func close() { closed.store(true, ordering: .releasing) }
    package func abort() {}
    package func hostUUID() -> String? { askForUUID() }
    package func uptime() -> Duration? { askForUptime() }

    package func list(_ object: EventKind.Object) -> Result<Listing, ListingFailure> {
        askForList(object) ?? .failure(ListingFailure("the driver is gone"))
    }

    /// A domain's lifecycle event, as a callback would deliver it; by default it has started.
    package func emit(_ name: String, _ event: Int32 = 2, _ detail: Int32 = 0, number: UInt8 = 7) {
        let subject = HostEvent.Subject.domain(name: name, id: 1, uuid: ObjectUUID(number: number))
        deliver(.domainLifecycle, subject, .lifecycle(event: event, detail: detail))
    }

    package func deliver(_ kind: EventKind, _ subject: HostEvent.Subject, _ payload: HostEvent.Payload) {
        inlet.deliver { HostEvent(kind: kind, subject: subject, payload: payload, observed: $0) }
    }
}

private final class FakeAttempt: EstablishAttempt {
    private let outcome: FakeDriver.Outcome
    private let host: Host
    private let inlet: ConnectionInlet
    private let driver: FakeDriver
    private let aborted = DispatchSemaphore(value: 0)

    init(outcome: FakeDriver.Outcome, host: Host, inlet: ConnectionInlet, driver: FakeDriver) {
        self.outcome = outcome
        self.host = host
        self.inlet = inlet
        self.driver = driver
    }

    func run() -> Result<any HypervisorConnection, EstablishFailure> {
        switch outcome {
        case .succeed:
            return .success(driver.connect(host, inlet))
        case .fail(let reason):
            return .failure(EstablishFailure(reason, "scripted"))
        case .tellAndFail(let name, let reason):
            driver.connect(host, inlet).emit(name)
            return .failure(EstablishFailure(reason, "scripted"))
        case .loseAtOnce(let reason):
            let connection = driver.connect(host, inlet)
            inlet.closed(reason)
            return .success(connection)
        case .tellAndLose(let name, let reason):
            let connection = driver.connect(host, inlet)
            connection.emit(name)
            inlet.closed(reason)
            connection.emit(name)
            return .success(connection)
        case .hang:
            aborted.wait()
            return .failure(EstablishFailure(.unknown, "aborted"))
        case .hangThenSucceed:
            driver.released.wait()
            return .success(driver.connect(host, inlet))
        }
    }

    func abort() { aborted.signal() }
    var hasReached: Bool? { true }
}

extension ObjectUUID {
    /// One of 256.
    package init(number: UInt8) {
        self.init(bytes: Array(repeating: number, count: 16))
    }
}

extension ListedObject {
    /// The domain whose events ``FakeConnection/emit(_:_:_:number:)`` makes, persistent and running by default.
    package static func domain(
        _ name: String,
        number: UInt8 = 7,
        persistent: Bool = true,
        active: Bool = true,
        _ state: String = ObjectState.Word.running,
        id: Int32 = -1
    ) -> ListedObject {
        ListedObject(
            key: .uuid(ObjectUUID(number: number)),
            state: ObjectState(name: name, persistent: persistent, active: active, state: state),
            id: id
        )
    }
}

extension HostReport {
    /// Whether it is one of those that the bus may be told.
    package var isWord: Bool { if case .state = body { false } else { true } }
}
