import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// Hosts that are connected and not heard, as they show on the bus.
    @Suite("is not deaf without a word", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Doubting {
        /// Keepalive's patience, which is a probe's as well, is 10 s: what comes of a doubt goes through Salt before.
        private static let defaults = "defaults: {keepalive: {interval: 5s, count: 1}}\n"
        private static let quick = [
            // On a busy machine a healthy host's answer takes a second now and then, and nobody is to doubt it for that.
            "--probe", "2s", "--probe-deadline", "2s", "--audit", "2s", "--connect-fast", "1s", "--connect-slow", "2s",
            "--backoff-base", "100ms", "--backoff-cap", "1s",
        ]

        private let daemon: PrivateLibvirtd
        private let relay: LibvirtRelay
        private let bench: Bench
        private let service: ServiceProcess

        /// One daemon, reached through a relay and without.
        init() async throws {
            daemon = try await PrivateLibvirtd.started()
            relay = try LibvirtRelay(to: daemon.port)
            bench = try await Bench(try #require(SaltInstallation.all.first))
            service = try ServiceProcess(
                hosts: [("relayed", relay.uri()), ("direct", daemon.uri(.tcp))],
                defaults: Self.defaults,
                sockDir: bench.master.sockDir,
                arguments: Self.quick
            )
            for host in ["relayed", "direct"] { try await bench.wait(of: "host/up", from: host) }
        }

        /// Nothing was said of the other host, and nothing twice of any.
        private func end() async throws {
            let other = bench.events(of: "direct", "host/").map(\.tag)
            #expect(other == ["host/up"])
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("calls that hang are degraded within the deadline, and recovered when they return")
        func held() async throws {
            let began = Date()
            relay.treatCalls(.hold)
            let degraded = try await bench.wait(of: "host/degraded", from: "relayed")
            // A probe's interval with its jitter, its deadline, and a loaded machine; not the way through Salt. The standard
            // ones would take 35 s.
            let told = try #require(degraded.first?.data["relay"]?["observed"]?.string.flatMap(Moment.parse))
            #expect(told.timeIntervalSince(began) < 30)
            #expect(degraded.first?.data["doubt"] == "probe")
            #expect((degraded.first?.data["age"]?.number ?? 0) >= 2)
            let list = [ServiceProcess.binary, "hosts", "show", "relayed", "--admin-socket", service.adminSocket]
            #expect(try await run(list).checked().output.contains("degraded"))
            relay.treatCalls(.pass)
            try await bench.wait(of: "host/recovered", from: "relayed")
            #expect(bench.events(of: "relayed", "host/down").isEmpty)
            try await end()
        }

        @Test("a host whose calls never return is given up with reason probe, although it answers keepalive")
        func swallowed() async throws {
            relay.treatCalls(.swallow)
            let down = try await bench.wait(of: "host/down", from: "relayed")
            #expect(down.first?.data["reason"] == "probe")
            relay.treatCalls(.pass)
            try await bench.wait(2, of: "host/up", from: "relayed")
            try await bench.wait(of: "host/recovered", from: "relayed")
            let gap = try await bench.wait(of: "host/gap", from: "relayed")
            #expect(gap.first?.data["cause"] == "daemon")
            try await end()
        }

        @Test("a class that falls silent is found out by the audit: doubt, what it missed, its gap, and trust")
        func deaf() async throws {
            relay.makeDeaf(to: [.network])
            try await Virsh.script(["net-destroy default", "suspend test"], on: daemon)
            try await bench.wait(of: "domain/lifecycle", from: "relayed")
            let degraded = try await bench.wait(of: "host/degraded", from: "relayed")
            #expect(degraded.first?.data["doubt"] == "audit")
            #expect(degraded.first?.data["class"] == "network")
            relay.makeDeaf(to: [])
            let recovered = try await bench.wait(of: "host/recovered", from: "relayed")
            #expect(recovered.first?.data["class"] == "network")
            let network = bench.events(of: "relayed", "network/lifecycle")
            #expect(network.map { $0.data["event"] } == ["stopped"])
            #expect(network.first?.data["relay"]?["synthetic"]?["basis"] == "audit")
            let gap = bench.events(of: "relayed", "host/gap").first { $0.data["classes"] == ["network"] }
            #expect(gap?.data["cause"] == "audit")
            #expect(gap?.data["from"] == network.first?.data["relay"]?["synthetic"]?["from"])
            #expect(bench.events(of: "relayed", "host/down").isEmpty)
            try await Virsh.script(["net-start default"], on: daemon)
            try await bench.wait(2, of: "network/lifecycle", from: "relayed")
            try await end()
        }
    }
}
