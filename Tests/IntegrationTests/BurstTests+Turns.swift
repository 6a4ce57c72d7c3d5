import Foundation
import TestSupport
import Testing

/// Whose turn it is when very much waits.
extension ServiceTests.Bursts {
    @Test("a host's loss does not wait behind another host's flood, though it was heard after all of it")
    func overtaking() async throws {
        let bench = try await Bench(try #require(SaltInstallation.all.first))
        let (loud, dying) = (try await PrivateLibvirtd.started(), try await PrivateLibvirtd.started())
        let service = try ServiceProcess(
            hosts: [("loud", loud.uri(.unix)), ("dying", dying.uri(.tcp))],
            sockDir: bench.master.sockDir
        )
        for host in ["loud", "dying"] { try await bench.wait(of: "host/up", from: host) }
        await bench.listener.stop()
        await bench.master.stop()
        try await service.waitForLog("it says that the bus is away") { line in
            ["Bus lost", "Bus unavailable"].contains(line["message"]?.string)
        }
        let flood = 2_000
        try await Virsh.script((0..<flood / 2).flatMap { _ in ["suspend test", "resume test"] }, on: loud)
        try await waiting(flood, service)
        try await dying.kill()
        try await service.waitForLog("its loss is heard") { $0["message"] == "Host down" && $0["host"] == "dying" }
        try await waiting(flood + 1, service)

        // The listener must be there before the service is: it is told to wait by being frozen.
        service.signal(SIGSTOP)
        try await bench.master.start()
        let listener = try await BusListener(bench.master)
        service.signal(SIGCONT)
        let events = try await listener.wait(for: "all events") {
            Bench.events(of: "loud", "domain/lifecycle", in: $0).count >= flood
        }
        let ours = events.filter { $0.tag.hasPrefix(Bench.prefix) }
        let place = try #require(ours.firstIndex { $0.tag == "\(Bench.prefix)/dying/host/down" })
        print("burst: a host's loss came after \(place) of \(ours.count) events")
        // What was out when the bus went is sent again first, and a host has an eighth of the window of 256 at once.
        #expect(place <= 100)
        #expect(Bench.events(of: "loud", "domain/lifecycle", in: events).count == flood)
        #expect(BusRecord(events).isAscending)
        #expect(try await service.stop() == .exited(0))
    }

    /// Waits until so many events or more wait for the bus, and none is on its way to the journal.
    private func waiting(_ count: Int, _ service: ServiceProcess) async throws {
        try await eventually("\(count) events wait", detail: { service.log }) {
            let ledger = try await service.status()["ledger"]
            return ledger?["under_way"] == 0 && ledger?["waiting"]?.integer ?? 0 >= count
        }
    }
}
