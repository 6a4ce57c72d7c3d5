import Connections
import Logging
import TestSupport
import Testing

extension ProcessWideTests {
    /// Daemons that are connected, answer, and keep silent about a class: as modular ones do one of whose parts was started
    /// anew.
    @Suite("Deaf classes", .serialized, .needs(.libvirtd), .timeLimit(.minutes(10)))
    struct DeafClasses {
        private let runtime: LibvirtRuntime

        init() throws {
            runtime = try LibvirtRuntime.start(logger: .silent)
        }

        @Test("what a class missed is found by the audit, made up for, and heard again on another connection")
        func found() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let relay = try LibvirtRelay(to: daemon.port)
            let uris = ["deaf": relay.uri(), "healthy": daemon.uri(.tcp)]
            let hosts = try WatchedHosts(uris, runtime: runtime, audit: .milliseconds(500))
            try await hosts.start()
            try await eventually("an audit finds nothing") { hosts.status("deaf")?.audited != nil }
            relay.makeDeaf(to: [.network])
            try await Virsh.script(["net-destroy default", "suspend test"], on: daemon)
            try await eventually("it is degraded", detail: { "\(hosts.words("deaf"))" }) {
                hosts.words("deaf").contains("degraded audit(Connections.EventKind.Object.network)")
            }
            relay.makeDeaf(to: [])
            let rest = "pool nodedev"
            try await eventually("it is heard again", detail: { "\(hosts.words("deaf"))" }) {
                hosts.words("deaf").contains("recovered audit(Connections.EventKind.Object.network)")
                    && hosts.words("deaf").contains("gap audit domain \(rest)")
            }
            let words = hosts.words("deaf")
            let order = [
                "up", "degraded audit(Connections.EventKind.Object.network)",
                "audit network/lifecycle", "gap audit network",
                "recovered audit(Connections.EventKind.Object.network)",
            ]
            #expect(words.filter(order.contains) == order, "\(words)")
            #expect(!words.contains { $0.hasPrefix("down") }, "\(words)")
            #expect(words.count { $0.hasPrefix("audit ") || $0.hasPrefix("resync ") } == 1, "\(words)")
            try await eventually("it is trusted") { hosts.status("deaf")?.degraded.isEmpty == true }
            try await Virsh.script(["net-start default"], on: daemon)
            try await eventually("its events are heard") {
                hosts.reports(of: "deaf").contains { report in
                    guard case .event(let event) = report.body, report.synthetic == nil else { return false }
                    return event.kind == .networkLifecycle
                }
            }
            #expect(hosts.lasting("healthy") == ["up"])
            await hosts.stop()
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        @Test("audits of a host that is busy and hears everything find nothing")
        func busy() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let hosts = try WatchedHosts(["busy": daemon.uri(.tcp)], runtime: runtime, audit: .milliseconds(100))
            try await hosts.start()
            let changes = ["suspend test", "resume test", "net-destroy default", "net-start default"]
            let flood = try Virsh.flood(changes, on: daemon)
            var rounds = Set<Timestamp>()
            try await eventually("three rounds are over") {
                if let audited = hosts.status("busy")?.audited { rounds.insert(audited) }
                return rounds.count >= 3
            }
            flood.end()
            #expect(hosts.lasting("busy") == ["up"])
            await hosts.stop()
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }
    }
}
