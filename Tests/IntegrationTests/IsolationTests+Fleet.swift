import TestSupport
import Testing

/// The good hosts, and what is measured of them.
extension ServiceTests.Isolation {
    /// Below this it is the machine that is measured: three p99 without anything bad were 13, 13 and 18 ms.
    private static let noise = Duration.milliseconds(20)

    /// Waits until so many are up; a daemon that ended as it was thawed is started again.
    func up(_ count: Int, _ service: ServiceProcess, thawed daemons: [PrivateLibvirtd] = []) async throws {
        try await eventually("\(count) hosts are up", detail: { "\(service.log.suffix(2_000))" }) {
            for daemon in daemons { try await daemon.startIfEnded() }
            return try await service.status()["hosts"]?["up"] == .integer(Int64(count))
        }
    }

    /// How often good hosts were lost: on a loaded machine one may not come up at the first try, but none is lost.
    func downs(of hosts: [ListedHost], _ service: ServiceProcess) -> Int {
        let names = Set(hosts.map(\.name))
        return service.logLines.count { line in
            line["message"] == "Host down" && names.contains(line["host"]?.string ?? "")
        }
    }

    func total(_ count: Int, _ service: ServiceProcess) async throws {
        try await eventually("there are \(count) hosts") {
            try await service.status()["hosts"]?["total"] == .integer(Int64(count))
        }
    }

    /// Beside other tests a master may take long, and what is missing in the end never came.
    func prober(
        on master: SaltMaster,
        of hosts: [ListedHost],
        _ daemons: [PrivateLibvirtd]
    ) async throws -> LatencyProber {
        try await LatencyProber(
            master,
            prefix: Bench.prefix,
            hosts: hosts.count,
            daemons: daemons,
            limit: .seconds(Self.isAlone ? 10 : 60)
        )
    }

    func measure(_ name: String, _ number: Int, _ prober: LatencyProber) async throws -> LatencyProber.Round {
        prober.begin(name, for: Self.length)
        return try await prober.end(number + 1)
    }

    /// The healthy hosts' events take at most twice as long with the bad ones.
    func expectUnharmed(
        _ without: LatencyProber.Round,
        _ with: LatencyProber.Round,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let most = max(without.all.slowest * 2, Self.noise)
        #expect(with.all.slowest <= most, sourceLocation: sourceLocation)
    }

    /// Says what was measured, and that every event of so many hosts came.
    func report(
        _ what: String,
        of hosts: Int,
        _ without: LatencyProber.Round?,
        _ with: LatencyProber.Round?
    ) throws {
        let (without, with) = (try #require(without), try #require(with))
        print("isolation: \(what): \(with.all); without: \(without.all)")
        for round in [without, with] {
            #expect(round.missing == 0, "\(what), \(round.name)")
            #expect(round.times.samples >= hosts, "\(what), \(round.name)")
        }
    }
}
