import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// Hosts that cannot be reached, each for another reason, beside some that can.
    @Suite("reasons", .needs(.polkit, .sshd, .network, .allSalt), .timeLimit(.minutes(10)))
    struct Reasons {
        private static let quick = [
            "--connect-fast", "2s", "--connect-slow", "3s", "--backoff-base", "200ms", "--backoff-cap", "2s",
        ]
        /// Both lanes, and the wait for one of the slow lane's few threads, on a machine that is busy.
        private static let deadline = Duration.seconds(60)

        /// A bad host as it is told on the bus: a reason that changes is told again, the last one holds.
        private func downs(_ failure: Case, on bench: Bench) -> [JSONValue] {
            bench.events(of: failure.host.name, "host/down").map(\.data)
        }

        @Test("each failure has its reason on the bus in time, and leaves nothing behind when its host is gone")
        func each() async throws {
            let ward = try await Ward()
            let bench = try await Bench(try #require(SaltInstallation.all.first), as: .unprivileged)
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(ward.good),
                sockDir: bench.master.sockDir,
                as: .unprivileged,
                arguments: Self.quick
            )
            try await expectReasons(of: ward.bad, beside: ward.good, with: service, on: bench)
            try await Virsh.script(["suspend test"], on: ward.daemon)
            for host in ward.good { try await bench.wait(of: "domain/lifecycle", from: host.name) }
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
            withExtendedLifetime(ward) {}
        }

        @Test("dropped packets and unknown names have their reasons, whatever the transport, and leave nothing behind")
        func elsewhere() async throws {
            let network = try await NetworkNamespace()
            let daemon = try await PrivateLibvirtd.started(at: network.place)
            let bench = try await Bench(try #require(SaltInstallation.all.first))
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory([ListedHost("good", daemon.uri(.tcp))]),
                sockDir: bench.master.sockDir,
                at: network.place,
                arguments: Self.quick
            )
            let pki: JSONValue = ["pki": .string(try await PKI.shared.path(.good))]
            let places = [
                ("dropped", NetworkNamespace.blackHole, "timeout"), ("unknown", "nowhere.invalid", "dns"),
                ("unrouted", NetworkNamespace.unrouted, "route"),
            ]
            let bad = places.flatMap { name, address, reason in
                ["tcp", "tls", "ssh", "libssh2"].map { transport in
                    let keys: [String: JSONValue] = transport == "tls" ? ["tls": pki] : [:]
                    let uri = "test+\(transport)://nobody@\(address)/default"
                    return Case(ListedHost("\(name)-\(transport)", uri, keys), reason)
                }
            }
            let good = [ListedHost("good", daemon.uri(.tcp))]
            try await expectReasons(of: bad, beside: good, with: service, on: bench)
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("a name server that never answers costs its hosts their connection, and no other host anything")
        func silentNames() async throws {
            let network = try await NetworkNamespace()
            let daemon = try await PrivateLibvirtd.started(at: network.place)
            let bench = try await Bench(try #require(SaltInstallation.all.first))
            let unnamed = (0..<20).map { ListedHost("unnamed\($0)", "test+tcp://nowhere\($0).invalid/default") }
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(unnamed + [ListedHost("good", daemon.uri(.tcp))]),
                sockDir: bench.master.sockDir,
                at: network.placeOfSilentNames,
                arguments: Self.quick
            )
            try await bench.wait(of: "host/up", from: "good", within: .seconds(60))
            // What cannot be ended is written off, up to a bound, and shown.
            try await eventually("look-ups are written off", within: .seconds(60)) {
                let pool = try #require(try await service.status()["pool"])
                let stuck = try #require(pool["stuck"]?.array)
                #expect((pool["written_off"]?.integer ?? .max) <= 16)
                // On a machine that stood still the good one's call is late as well, for a moment.
                return !stuck.isEmpty && stuck.allSatisfy { $0["host"]?.string?.hasPrefix("unnamed") == true }
            }
            for host in unnamed {
                let down = try await bench.wait(of: "host/down", from: host.name, within: .seconds(60))
                #expect(["timeout", "dns"].contains(down.first?.data["reason"]?.string), "\(host.name)")
            }
            try await Virsh.script(["suspend test"], on: daemon)
            try await bench.wait(of: "domain/lifecycle", from: "good", within: .seconds(60))
            #expect(try await service.stop() == .exited(0))
        }

        /// Adds the bad hosts, sees each reason, takes them away again, and sees that all they held is given back.
        private func expectReasons(
            of bad: [Case],
            beside good: [ListedHost],
            with service: ServiceProcess,
            on bench: Bench
        ) async throws {
            try await eventually("the good ones are up", within: .seconds(60), detail: { service.log }) {
                good.allSatisfy { !bench.events(of: $0.name, "host/up").isEmpty }
            }
            let before = try await settled(service)
            try await reload(good + bad.map(\.host), service, bench)
            let end = ContinuousClock.now + Self.deadline
            for failure in bad {
                let found = try? await eventually("", within: max(.zero, end - .now)) {
                    downs(failure, on: bench).first { $0["reason"] == .string(failure.reason) }
                }
                let told = downs(failure, on: bench).map { "\($0["reason"] ?? nil): \($0["message"] ?? nil)" }
                #expect(found != nil, "\(failure.host.name) is not \(failure.reason) but \(told)")
                let message = found?["message"]?.string ?? ""
                #expect(found == nil || !message.isEmpty, "\(failure.host.name)")
                if let text = failure.text { #expect(message.contains(text), "\(failure.host.name): \(message)") }
            }
            try await reload(good, service, bench)
            for failure in bad {
                try await bench.listener.wait(for: "the last word on \(failure.host.name)") {
                    Bench.events(of: failure.host.name, "host/down", in: $0).last?.data["reason"] == "inventory"
                }
            }
            let detail = { "before: \(before)\nnow: \(ProcessResources(of: service.pid).map { "\($0)" } ?? "gone")" }
            try await eventually("what the bad hosts held is given back", within: .seconds(60), detail: detail) {
                ProcessResources(of: service.pid) == before
            }
            try await eventually("no worker is stuck", within: .seconds(60), detail: detail) {
                (ProcessResources(of: service.pid)?.workers ?? .max) <= before.workers + 4
            }
            #expect(try await service.status()["pool"]?["stuck"] == [])
            for host in good { #expect(bench.events(of: host.name, "host/down").isEmpty) }
        }

        private func reload(_ hosts: [ListedHost], _ service: ServiceProcess, _ bench: Bench) async throws {
            let before = bench.events(of: "aggregator", "reloaded").count
            try service.reload(ServiceProcess.inventory(hosts))
            try await eventually("the new inventory is applied", within: .seconds(60), detail: { service.log }) {
                bench.events(of: "aggregator", "reloaded").count > before
            }
        }

        /// What it holds once that has stayed the same for a second.
        private func settled(_ service: ServiceProcess) async throws -> ProcessResources {
            let clock = ContinuousClock()
            var last: (held: ProcessResources?, since: ContinuousClock.Instant) = (nil, clock.now)
            return try await eventually("its threads come to rest", within: .seconds(60), detail: { service.log }) {
                let now = ProcessResources(of: service.pid)
                if now != last.held { last = (now, clock.now) }
                return clock.now - last.since > .seconds(1) ? now : nil
            }
        }
    }
}
