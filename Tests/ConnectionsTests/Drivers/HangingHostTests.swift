import Connections
import Foundation
import Logging
import TestSupport
import Testing

extension ProcessWideTests {
    /// Daemons that are connected, answer keepalive, and return no calls.
    @Suite("Hanging hosts", .serialized, .needs(.libvirtd), .timeLimit(.minutes(10)))
    struct HangingHosts {
        private let runtime: LibvirtRuntime

        init() throws {
            runtime = try LibvirtRuntime.start(logger: .silent)
        }

        @Test("a host whose calls hang is degraded, recovers when they return, and no other host notices")
        func held() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let relay = try LibvirtRelay(to: daemon.port)
            let uris = ["hanging": relay.uri(), "healthy": daemon.uri(.tcp)]
            // It is not to be given up before virsh has done its work, however busy the machine is.
            let patient = Keepalive(interval: .seconds(20), count: 1)
            let hosts = try WatchedHosts(uris, runtime: runtime, probe: .milliseconds(300), keepalive: patient)
            try await hosts.start()
            relay.treatCalls(.hold)
            try await hosts.wait(for: "hanging", "up", "degraded probe")
            #expect(hosts.status("hanging")?.phase == .up)
            #expect(hosts.status("hanging")?.degraded.keys.contains(.probe) == true)
            try await Virsh.script(["suspend test"], on: daemon)
            try await eventually("its events are heard") {
                hosts.reports(of: "hanging").contains { if case .event = $0.body { true } else { false } }
            }
            try await answers("healthy", among: hosts)
            relay.treatCalls(.pass)
            try await hosts.wait(for: "hanging", "up", "degraded probe", "recovered probe")
            #expect(hosts.status("hanging")?.degraded.isEmpty == true)
            #expect(hosts.lasting("healthy") == ["up"])
            await hosts.stop()
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        /// While another one hangs.
        private func answers(_ host: String, among hosts: WatchedHosts) async throws {
            try await eventually("\(host) answers", detail: { "\(hosts.words(host))" }) {
                hosts.status(host).map { $0.phase == .up && $0.degraded.isEmpty } == true
            }
        }

        @Test("a host whose calls never return is given up with reason probe, though keepalive goes on")
        func swallowed() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let relay = try LibvirtRelay(to: daemon.port)
            let uris = ["hanging": relay.uri(), "healthy": daemon.uri(.tcp)]
            let keepalive = Keepalive(interval: .seconds(2), count: 1)
            let hosts = try WatchedHosts(uris, runtime: runtime, probe: .milliseconds(300), keepalive: keepalive)
            try await hosts.start()
            let began = ContinuousClock.now
            relay.treatCalls(.swallow)
            try await eventually("it is given up", detail: { "\(hosts.words("hanging"))" }) {
                hosts.words("hanging").prefix(3) == ["up", "degraded probe", "down probe"]
            }
            // The deadline and the patience of keepalive after a probe that began within its interval.
            let patience = WatchedHosts.probeDeadline + keepalive.patience
            #expect(ContinuousClock.now - began > patience - .milliseconds(100))
            try await answers("healthy", among: hosts)
            relay.treatCalls(.pass)
            try await eventually("it is heard again", detail: { "\(hosts.words("hanging"))" }) {
                hosts.status("hanging")?.phase == .up && hosts.words("hanging").contains("recovered probe")
            }
            #expect(hosts.lasting("healthy") == ["up"])
            await hosts.stop()
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        @Test(
            "a daemon all of whose workers wait for one hung guest is found out, while its versions are still to be had",
            .needs(.machines)
        )
        func workers() async throws {
            let daemon = try await PrivateLibvirtd.started(
                mode: .system,
                settings: ["min_workers": "1", "max_workers": "1"]
            )
            let machine = try daemon.folder.write(Machine("guest").xml, to: "guest.xml")
            try await Virsh.run("create", machine, on: daemon, driver: .qemu).checked()
            let uris = ["hanging": daemon.uri(.tcp, driver: .qemu)]
            let hosts = try WatchedHosts(
                uris,
                runtime: runtime,
                kinds: [.poolRefresh],
                probe: .milliseconds(300)
            )
            try await hosts.start()
            // Both are children of the first process of the daemon's namespace.
            let parent = try #require(daemon.pid.flatMap(ProcessTable.entry)?.parent)
            let guest = try #require(
                ProcessTable().entries.first { $0.parent == parent && $0.name.hasPrefix("qemu-system") }
            )
            kill(guest.pid, SIGSTOP)
            defer { kill(guest.pid, SIGCONT) }
            let question = ["qemu-monitor-command", "guest", "--hmp", "info status"]
            let answer = Task { try await Virsh.run(question, on: daemon, driver: .qemu) }
            try await eventually("it is degraded", detail: { "\(hosts.words("hanging"))" }) {
                hosts.words("hanging").contains("degraded probe")
            }
            kill(guest.pid, SIGCONT)
            _ = try await answer.value
            try await eventually("it recovers", detail: { "\(hosts.words("hanging"))" }) {
                hosts.words("hanging").contains("recovered probe")
            }
            await hosts.stop()
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }
    }
}
