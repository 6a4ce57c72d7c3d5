import Glibc
import Testing

@testable import SaltBus

/// A client, its reports, and a folder for the master's sockets; ended and removed with the value.
private final class ClientBench {
    let log = ReportLog()
    let folder: String
    let endpoint: BusEndpoint
    let client: BusClient

    init(
        endpoint: BusEndpoint? = nil,
        _ adjust: (inout BusClient.Configuration) -> Void = { _ in },
        clock: @escaping @Sendable () -> BusMoment = BusMoment.now
    ) throws {
        var template = Array(("/tmp/saltbus-" + String(repeating: "X", count: 6)).utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
        self.endpoint = endpoint ?? BusEndpoint(pub: .unix("\(folder)/pub.ipc"), pull: .unix("\(folder)/pull.ipc"))
        var configuration = try BusClient.Configuration(endpoint: self.endpoint, instance: "0f")
        configuration.probeWait = .milliseconds(200)
        configuration.backoffBase = .milliseconds(5)
        configuration.backoffCap = .milliseconds(50)
        // The longest there is: silence, where it is no matter of the test, is only that of a busy machine.
        configuration.echoDeadline = .seconds(60)
        adjust(&configuration)
        let log = log
        client = BusClient(configuration: configuration, clock: clock, random: SeededGenerator(seed: 1)) { log.add($0) }
    }

    deinit {
        client.stop()
        for name in ["pub.ipc", "pull.ipc"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }
}

@Suite("Client and a stub master", .timeLimit(.minutes(10)))
struct BusClientTests {
    @Test(
        "either framing is settled, whatever pub speaks",
        arguments: [Framing.bare, .lengthPrefixed],
        [Framing.bare, .lengthPrefixed]
    )
    func settles(pull: Framing, pub: Framing) throws {
        let bench = try ClientBench()
        let master = StubMaster(at: bench.endpoint, .init(pull: pull, pub: pub))
        defer { master.stop() }
        bench.client.start()
        #expect(bench.log.ready(1) == pull)
    }

    @Test("1,000 events arrive in order and are confirmed, on unix sockets and over TCP", arguments: [false, true])
    func delivers(overTCP: Bool) throws {
        let anyPort = BusAddress.tcp(host: "127.0.0.1", port: 0)
        let folder = try ClientBench()
        let master = StubMaster(at: overTCP ? BusEndpoint(pub: anyPort, pull: anyPort) : folder.endpoint)
        defer { master.stop() }
        let bench = try ClientBench(endpoint: master.endpoint)
        bench.client.start()
        #expect(bench.log.ready(1) == .lengthPrefixed)
        for start in stride(from: Int64(0), to: 1000, by: 100) {
            bench.client.send(try (start..<start + 100).map { try .sample($0) }, session: 1)
        }
        #expect(bench.log.holds { bench.log.confirmed(in: 1).count == 1000 })
        #expect(bench.log.confirmed(in: 1) == Array(0..<1000))
        let events = master.events.filter { !StubMaster.isProbe($0) }
        #expect(events.count == 1000)
        for (ticket, event) in events.enumerated() {
            #expect(event.starts(with: try OutgoingEvent.sample(Int64(ticket)).bytes))
        }
        #expect(bench.log.holds { bench.client.counters.echoes == 1000 })
    }

    @Test("who was stopped for a minute takes what came meanwhile before it says that nothing has")
    func stopped() throws {
        let folder = try ClientBench()
        let master = StubMaster(at: folder.endpoint)
        defer { master.stop() }
        // A minute passes each time that all of a round has been passed on for a while, mostly while pub is left alone.
        let rounds = PosixLock((sent: 0, at: ContinuousClock.now, passed: 0))
        let clock: @Sendable () -> BusMoment = {
            let real = BusMoment.now()
            let minutes = rounds.withLock { rounds in
                if master.publishedCount >= rounds.sent * 100, real.instant - rounds.at > .milliseconds(1) {
                    rounds.passed = rounds.sent
                }
                return rounds.passed
            }
            return BusMoment(instant: real.instant + .seconds(60 * minutes), wall: real.wall)
        }
        // Less than a minute.
        let bench = try ClientBench(endpoint: master.endpoint, { $0.echoDeadline = .seconds(30) }, clock: clock)
        bench.client.start()
        #expect(bench.log.ready(1) == .lengthPrefixed)
        for round in Int64(0)..<20 {
            rounds.withLock { $0 = ($0.sent + 1, .now, $0.passed) }
            bench.client.send(try (round * 100..<(round + 1) * 100).map { try .sample($0) }, session: 1)
            try #require(bench.log.holds { bench.log.confirmed(in: 1).count == (round + 1) * 100 })
        }
        #expect(rounds.withLock { $0.passed } > 0)
        #expect(bench.log.all.count { if case .lost = $0 { true } else { false } } == 0)
    }

    @Test("frames of pub may come in halves", arguments: [Framing.bare, .lengthPrefixed])
    func pieces(pub: Framing) throws {
        let bench = try ClientBench()
        let master = StubMaster(at: bench.endpoint, .init(pub: pub, piece: 7))
        defer { master.stop() }
        bench.client.start()
        #expect(bench.log.ready(1) != nil)
        bench.client.send(try (0..<50).map { try .sample($0) }, session: 1)
        #expect(bench.log.holds { bench.log.confirmed(in: 1) == Array(0..<50) })
    }

    @Test("a master that dies and comes back, in another framing, is found again")
    func reconnects() throws {
        let bench = try ClientBench()
        bench.client.start()
        #expect(bench.log.unavailable(.missing) != nil)
        let first = StubMaster(at: bench.endpoint)
        #expect(bench.log.ready(1) == .lengthPrefixed)
        first.stop()
        #expect(bench.log.lost(1)?.code == .closed)
        #expect(bench.log.unavailable(.refused) != nil)
        bench.client.send([try .sample(1)], session: 1)
        let second = StubMaster(at: bench.endpoint, .init(pull: .bare))
        defer { second.stop() }
        #expect(bench.log.ready(2) == .bare)
        bench.client.send([try .sample(1)], session: 2)
        #expect(bench.log.holds { bench.log.confirmed(in: 2) == [1] })
        #expect(bench.log.confirmed(in: 1) == [])
        #expect(bench.client.counters.ignored == 1)
    }

    @Test("a master that stops reading is lost at the write deadline")
    func writeDeadline() throws {
        let bench = try ClientBench { $0.writeDeadline = .milliseconds(300) }
        let master = StubMaster(at: bench.endpoint)
        defer { master.stop() }
        bench.client.start()
        #expect(bench.log.ready(1) != nil)
        master.change { $0.isFrozen = true }
        bench.client.send(try (0..<4000).map { try .sample($0) }, session: 1)
        #expect(bench.log.lost(1) == .writeStalled)
    }

    @Test("a master that publishes nothing any more is lost at the echo deadline, and found again")
    func echoDeadline() throws {
        let bench = try ClientBench { $0.echoDeadline = .milliseconds(300) }
        let master = StubMaster(at: bench.endpoint)
        defer { master.stop() }
        bench.client.start()
        #expect(bench.log.ready(1) != nil)
        master.change { $0.isSilent = true }
        bench.client.send([try .sample(1)], session: 1)
        #expect(bench.log.lost(1) == .echoSilent)
        #expect(bench.log.unavailable(.echoSilent) == .probesSilent)
        master.change { $0.isSilent = false }
        #expect(bench.log.ready(2) == .lengthPrefixed)
    }

    @Test("stopping ends the reports, may be repeated, and may be asked for by a report")
    func stop() throws {
        let bench = try ClientBench()
        let master = StubMaster(at: bench.endpoint)
        defer { master.stop() }
        bench.client.start()
        #expect(bench.log.ready(1) != nil)
        bench.client.stop()
        bench.client.stop()
        let count = bench.log.all.count
        master.stop()
        bench.client.start()
        #expect(bench.log.all.count == count)

        let own = PosixLock<BusClient?>(nil)
        let log = ReportLog()
        let client = BusClient(configuration: try .init(endpoint: bench.endpoint, instance: "0f")) { report in
            own.withLock { $0 }?.stop()
            log.add(report)
        }
        own.withLock { $0 = client }
        client.start()
        #expect(log.unavailable(.refused) != nil)
        own.withLock { $0 = nil }
    }
}
