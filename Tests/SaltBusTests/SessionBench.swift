@testable import SaltBus

/// Drives a ``BusSession`` by hand: its own time, its own master.
struct SessionBench {
    static let endpoint = BusEndpoint(pub: .unix("/bus/pub"), pull: .unix("/bus/pull"))

    var session: BusSession
    private(set) var moment = BusMoment(instant: ContinuousClock.now, wall: 1_795_336_099_265_359)

    /// What was written to pull since the last look.
    private(set) var written: [UInt8] = []

    init(
        stamp: StampSetting = .naive,
        confirm: BusConfiguration.Confirmation = .echo,
        seed: UInt64 = 1
    ) throws {
        var configuration = try BusConfiguration(endpoint: Self.endpoint, instance: "0f")
        configuration.stamp = stamp
        configuration.confirm = confirm
        session = BusSession(configuration, random: SeededGenerator(seed: seed))
    }

    /// A session that is ready, with pub and pull as given.
    static func ready(stamp: StampSetting = .naive, pull: Framing = .lengthPrefixed) throws -> SessionBench {
        var bench = try SessionBench(stamp: stamp)
        _ = bench.session.started(at: bench.moment)
        _ = bench.becomeReady(pull: pull)
        return bench
    }

    /// From connecting pub to ready, with a master that takes `pull`.
    mutating func becomeReady(pull: Framing = .lengthPrefixed) -> [BusSession.Action] {
        var actions = session.pubConnected(at: moment)
        for _ in 0..<8 {
            actions += session.pullConnected(at: moment)
            let events = write(pull)
            actions += events.flatMap { publish($0) }
            guard events.isEmpty else { break }
            actions += passDeadline() + passDeadline()
        }
        return actions
    }

    /// Time passes up to the session's next deadline.
    mutating func passDeadline() -> [BusSession.Action] {
        guard let deadline = session.deadline else { return [] }
        return pass(deadline - moment.instant)
    }

    mutating func pass(_ duration: Duration) -> [BusSession.Action] {
        moment = BusMoment(instant: moment.instant + duration, wall: moment.wall)
        return session.deadlinePassed(at: moment)
    }

    /// Takes at most `count` unwritten bytes.
    @discardableResult
    mutating func write(atMost count: Int = .max) -> [BusSession.Action] {
        let bytes = session.withUnwritten { [UInt8]($0.prefix(count)) }
        written += bytes
        return session.pullWritten(bytes.count, at: moment)
    }

    /// Takes all that is unwritten, as a master that understands `framing`, and gives the events.
    mutating func write(_ framing: Framing) -> [[UInt8]] {
        write()
        defer { written = [] }
        var stream = PubStream()
        var events: [[UInt8]] = []
        try? written.withUnsafeBytes { try stream.read($0, into: &events) { $0.append([UInt8]($1)) } }
        return stream.framing == framing ? events : []
    }

    /// The master publishes an event.
    mutating func publish(_ event: [UInt8]) -> [BusSession.Action] {
        read(Framing.bare.published(event))
    }

    mutating func read(_ bytes: [UInt8]) -> [BusSession.Action] {
        bytes.withUnsafeBytes { session.pubRead($0, at: moment) }
    }

    mutating func send(_ events: [OutgoingEvent], session number: Int = 1) -> [BusSession.Action] {
        session.sendRequested(events, session: number, at: moment)
    }
}

extension OutgoingEvent {
    /// An event as the relay makes them; `id` is the ticket unless given.
    static func sample(
        _ ticket: Int64,
        id: String? = nil,
        tag: String = "salt/engines/libvirt_events/kvm01/domain/lifecycle"
    ) throws -> OutgoingEvent {
        let event = UnstampedEvent(tag: try Tag(tag), entries: 3) { map in
            map.string("uri")
            map.string("qemu:///system")
            map.string("relay")
            map.map(1)
            map.string("id")
            map.string(id ?? "0f/kvm01/\(ticket)")
            map.string("event")
            map.string("started")
        }
        return OutgoingEvent(ticket: ticket, bytes: event.bytes)
    }
}

/// A tag and a map of texts, stamped or not as `entries` say: what others put on the bus.
func foreignEvent(_ tag: String, _ entries: [(String, String)]) -> [UInt8] {
    var encoder = MessagePackEncoder(appendingTo: Array("\(tag)\n\n".utf8))
    encoder.map(entries.count)
    for (key, value) in entries {
        encoder.string(key)
        encoder.string(value)
    }
    return encoder.bytes
}
