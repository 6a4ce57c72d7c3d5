import TestSupport
import Testing

/// What is heard of a host that floods, and what is said of what found no room.
extension ServiceTests.Isolation {
    /// Lets a host flood a service with 10,000 events a second, until the relay is told otherwise.
    func flood(_ service: ServiceProcess, by relay: CrowdRelay, of loud: PrivateLibvirtd) async throws {
        try await eventually("it is up") { try await service.host("loud")["phase"] == "up" }
        try await Virsh.script(["suspend test", "resume test"], on: loud)
        try await eventually("it is heard") { (try await service.host("loud")["events"]?.integer ?? 0) >= 2 }
        relay.repeatEvents(10_000)
    }

    /// How many events libvirt has called the service for.
    func callbacks(_ service: ServiceProcess) async throws -> Int64 {
        try #require(try await service.status()["ledger"]?["callbacks"]?.integer)
    }

    /// When a host's events found no room on the way to the journal, that is told on the bus: as a gap, and with its name.
    func expectDropsTold(of host: String, _ service: ServiceProcess, _ prober: LatencyProber) async throws {
        let ledger = try #require(try await service.status()["ledger"])
        print("isolation: \(ledger)")
        guard ledger["dropped"]?["in_flight"]?.integer ?? 0 > 0 else { return }
        // The bus is read in rounds.
        var rounds = 2
        try await eventually("it is told", detail: { "\(service.log.suffix(2_000))" }) {
            prober.begin("after", for: .seconds(1))
            rounds += 1
            _ = try await prober.end(rounds)
            let notes = try prober.notes()
            let isGapTold = notes.contains {
                $0.tag == "\(Bench.prefix)/\(host)/host/gap" && $0.data["cause"] == "dropped"
            }
            let isNamed = notes.contains {
                $0.tag == "\(Bench.prefix)/aggregator/dropped" && $0.data["counts"]?["in_flight"]?.integer ?? 0 > 0
                    && $0.data["hosts"]?[host]?.integer ?? 0 > 0
            }
            return isGapTold && isNamed
        }
    }
}
