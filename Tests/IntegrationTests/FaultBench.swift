import Foundation
import TestSupport
import Testing

/// A master, a daemon on which something happens all the time, and a service between them.
///
/// The service sees the bus through a tap, and that is what makes a proof possible: while a publisher dies, an event may
/// reach the service and no other subscriber, and it is acknowledged rightly. What it may have acknowledged is what the tap
/// has; so if everything that was caused is in the tap, and the service waits for nothing more, nothing was lost. Salt's
/// own subscriber beside it shows that others see the same bus, as far as they are there.
final class FaultBench: Sendable {
    static let host = "kvm01"

    let master: SaltMaster
    let service: ServiceProcess
    private let tap: BusTap
    private let listener: BusListener
    private let daemon: PrivateLibvirtd
    private let traffic: Traffic

    /// Starts all of it.
    ///
    /// - Parameters:
    ///   - burst: The larger the bursts, the more events are under way at any moment. The default is 60.
    ///   - place: Where the service runs. The default is here.
    ///   - spool: Where its spool is. The default is a folder of its own.
    ///   - arguments: Further ones of `run`.
    ///   - environment: What the service finds beside that of the tests.
    init(
        _ salt: SaltInstallation,
        burst: Int = 60,
        place: Place = .here,
        spool: String? = nil,
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws {
        master = try await SaltMaster.started(salt)
        listener = try await BusListener(master)
        tap = try await BusTap(master)
        daemon = try await PrivateLibvirtd.started()
        service = try ServiceProcess(
            hosts: [(Self.host, daemon.uri(.tcp))],
            sockDir: master.sockDir,
            spool: spool,
            at: place,
            arguments: ["--bus-pub", tap.socket, "--bus-echo-deadline", "5s", "--backoff-base", "100ms"] + arguments,
            environment: environment
        )
        try await service.waitForLog("the host is up") { $0["message"] == "Host up" }
        traffic = Traffic(on: daemon, burst: burst)
    }

    /// Waits until so many more events have come from the bus.
    func flow(_ count: Int = 300, isolation: isolated (any Actor)? = #isolation) async throws {
        let wanted = tap.events.count + count
        try await eventually("\(count) more events come", within: .seconds(90), detail: { description }) {
            tap.events.count >= wanted
        }
    }

    /// Ends the publisher while events are under way to it.
    ///
    /// Before a `SIGKILL` it is frozen until it has not read what was written to it: that dies with it for certain, and not
    /// by the luck of the moment.
    func endPublisher(_ signal: Int32, isolation: isolated (any Actor)? = #isolation) async throws -> pid_t {
        guard signal == SIGKILL else { return try await master.signalPublisher(signal) }
        let publisher = try await master.signalPublisher(SIGSTOP)
        try await eventually("events are under way", detail: { description }) {
            (try await service.status()["ledger"]?["waiting"]?.integer ?? 0) > 20
        }
        kill(publisher, SIGKILL)
        return publisher
    }

    /// Whether a part of the tests was asked for, which has the machine to itself.
    private static let isAlone = ProcessInfo.processInfo.arguments.contains("--filter")

    /// Waits until the service has said so often that it lost the bus.
    func lost(_ times: Int = 1, isolation: isolated (any Actor)? = #isolation) async throws {
        try await eventually("the bus is lost", detail: { description }) { losses >= times }
    }

    /// When the service observed the events that came.
    var observed: [String] { tap.events.compactMap { $0.data["relay"]?["observed"]?.string } }

    /// How often the service has said that it lost the bus.
    var losses: Int { service.logLines.count { $0["message"] == "Bus lost" } }

    /// Ends the traffic and compares: what happened, what came, and what the service waits for.
    ///
    /// Where more happens at once than has room on the way to the journal, what is missing is what the ledger says.
    ///
    /// - Parameter maybeDropped: Whether that may be most of it. By default it is nothing, or beside all other tests a
    ///   quarter: there the disk stands still for some seconds now and then.
    func expectNothingLost(
        maybeDropped: Bool = false,
        isolation: isolated (any Actor)? = #isolation,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let happened = try await traffic.stop()
        let dropped = try await droppedInFlight()
        #expect(maybeDropped || dropped <= (Self.isAlone ? 0 : happened / 4), sourceLocation: sourceLocation)
        if dropped > 0 { try await expectDropsTold() }
        let caused = happened - dropped
        try await eventually("all \(caused) events come", within: .seconds(120), detail: { description }) {
            let events = tap.events
            return events.count >= caused && Self.lifecycles(in: BusRecord(events).firsts).count >= caused
        }
        try await eventually("the service waits for none", detail: { description }) {
            guard let ledger = try await service.status()["ledger"] else { return false }
            return ledger["waiting"] == 0 && ledger.isBalancedLedger && ledger["relayed"] == ledger["received"]
        }
        let heard = BusRecord(listener.events)
        let record = BusRecord(tap.events, besides: heard)
        #expect(record.disorder == [] && record.missed == [], sourceLocation: sourceLocation)
        let words = Self.lifecycles(in: record.firsts).map { $0.data["event"] }
        #expect(words.count == caused, sourceLocation: sourceLocation)
        #expect(
            dropped > 0 || words.enumerated().allSatisfy { $1 == ($0.isMultiple(of: 2) ? "suspended" : "resumed") },
            sourceLocation: sourceLocation
        )
        #expect(heard.ids.isSubset(of: record.ids), sourceLocation: sourceLocation)
        // A publisher that ends gives some subscribers what it has no time to give others; these get it when it is resent.
        #expect(losses > 0 || heard.isAscending, sourceLocation: sourceLocation)
        #expect(try await service.stop() == .exited(0), sourceLocation: sourceLocation)
        print(
            "\(master.salt): \(caused) events caused, \(words.count) on the bus, \(record.repeats) repeats, "
                + "\(losses) losses of the bus; Salt's own subscriber heard \(Self.lifecycles(in: heard.firsts).count)"
        )
    }

    /// How many events had no room on the way to the journal, once no more are under way there.
    private func droppedInFlight(isolation: isolated (any Actor)? = #isolation) async throws -> Int {
        try await eventually("none is on the way to the journal", detail: { description }) {
            let ledger = try await settled("the daemon has no more") {
                try await service.status()["ledger"]?.object?.filter {
                    ["callbacks", "under_way", "dropped"].contains($0.key)
                }
            }
            guard ledger?["under_way"] == 0 else { return nil }
            return Int(try #require(ledger?["dropped"]?["in_flight"]?.integer))
        }
    }

    /// What had no room is told on the bus: as a gap, and with the host's name.
    private func expectDropsTold(isolation: isolated (any Actor)? = #isolation) async throws {
        try await eventually("it is told what had no room", within: .seconds(60), detail: { description }) {
            let events = tap.events
            let isNamed = events.contains {
                $0.tag == "\(Bench.prefix)/aggregator/dropped" && $0.data["counts"]?["in_flight"]?.integer ?? 0 > 0
                    && $0.data["hosts"]?[Self.host]?.integer ?? 0 > 0
            }
            return isNamed
                && Bench.events(of: Self.host, "host/gap", in: events).contains { $0.data["cause"] == "dropped" }
        }
    }

    private static func lifecycles(in events: [BusEvent]) -> [BusEvent] {
        Bench.events(of: host, "domain/lifecycle", in: events).filter { $0.data["relay"]?["synthetic"] == nil }
    }

    private var description: String {
        "\(tap.events.count) events came\n\(service.log)\n\(master.log)"
    }
}
