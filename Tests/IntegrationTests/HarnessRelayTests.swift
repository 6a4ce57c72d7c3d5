import Foundation
import TestSupport
import Testing

@Suite("The harness: a relay in front of libvirtd", .needs(.libvirtd), .timeLimit(.minutes(10)))
struct HarnessRelayTests {
    private func virsh(_ relay: LibvirtRelay, _ arguments: String..., within limit: Duration) async throws
        -> CommandResult
    {
        try await run(["virsh", "-q", "-c", relay.uri()] + arguments, within: limit)
    }

    @Test("events of a class are dropped, those of others pass, and what comes later is heard again")
    func deaf() async throws {
        let daemon = try await PrivateLibvirtd.started()
        let relay = try LibvirtRelay(to: daemon.port)
        let domains = try await VirshEvents(.domain, uri: relay.uri(), provokedOn: daemon, driver: .test)
        let networks = try await VirshEvents(.network, uri: relay.uri(), provokedOn: daemon, driver: .test)
        relay.makeDeaf(to: [.domain])
        try await Virsh.script(["suspend test", "net-destroy default"], on: daemon)
        try await networks.wait(for: "the network's event") { $0.contains { $0.contains("Stopped") } }
        try await eventually("a domain's event is dropped") { relay.counts.events > 0 }
        relay.makeDeaf(to: [])
        try await Virsh.script(["resume test"], on: daemon)
        let heard = try await domains.wait(for: "the next event") { !$0.isEmpty }
        #expect(heard == ["event 'lifecycle' for domain 'test': Resumed Unpaused"])
    }

    @Test("calls that are held come through later, those that are swallowed never do, and keepalive goes on")
    func calls() async throws {
        let daemon = try await PrivateLibvirtd.started()
        let relay = try LibvirtRelay(to: daemon.port)
        let client = try RunningProcess(
            ["virsh", "-q", "--keepalive-interval", "1", "--keepalive-count", "3", "-c", relay.uri()],
            name: "virsh",
            in: daemon.folder,
            environment: Virsh.environment(in: daemon.folder),
            input: .pipe
        )
        let output = { try String(contentsOfFile: client.output, encoding: .utf8) }
        client.send("echo ready\nlist --name\n")
        try await eventually("it is connected", detail: { client.log }) { try output().contains("test") }
        relay.treatCalls(.hold)
        client.send("hostname\necho after\n")
        try await eventually("the call is held") { relay.counts.calls > 0 }
        // It asks each second, and would give up at the fourth question without an answer: at the second one a busy
        // machine may be to blame.
        let before = relay.counts.answers
        try await eventually("keepalive goes on", detail: { client.log }) { relay.counts.answers >= before + 5 }
        #expect(try client.isRunning && !output().contains("after"))
        relay.treatCalls(.pass)
        try await eventually("the call returns", detail: { client.log }) { try output().contains("after") }
        relay.treatCalls(.swallow)
        await #expect(throws: TimedOut.self) { try await virsh(relay, "list", within: .milliseconds(500)) }
        client.end()
    }

    @Test("a connection is cut within a listing, once, and others are refused when a test says so")
    func cuts() async throws {
        let daemon = try await PrivateLibvirtd.started()
        let relay = try LibvirtRelay(to: daemon.port)
        relay.cutNextListing()
        #expect(try await virsh(relay, "list", within: .seconds(60)).status != .success)
        #expect(relay.counts.cuts == 1)
        try await virsh(relay, "list", within: .seconds(60)).checked()
        relay.refuse(true)
        #expect(try await virsh(relay, "list", within: .seconds(60)).status != .success)
        relay.refuse(false)
        relay.freeze()
        await #expect(throws: TimedOut.self) { try await virsh(relay, "list", within: .milliseconds(500)) }
        relay.thaw()
        try await virsh(relay, "list", within: .seconds(60)).checked()
        #expect(relay.counts.connections >= 3)
    }
}
